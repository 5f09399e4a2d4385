"""Houses of the tests of backups: one that is lived in, and empty ones."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from sdes.embedded.postgres import EmbeddedPostgres
from tests.support.houses import KEY, House, empty_house

_numbers = count()

Build = Callable[..., House]

# What may not come back: a sign-in, a link, a code, a mail and a notification that wait, and a nudge.
UNDER_WAY = (
    "INSERT INTO session (company, person, token_hash, created_at, last_seen_at, expires_at, address, browser)"
    " SELECT company, id, 'a token', now(), now(), now() + interval '1 day', '', '' FROM person LIMIT 1",
    "INSERT INTO account_link (company, person, purpose, email_key, token_hash, created_at, expires_at)"
    " SELECT company, id, 'reset', email_key, 'a link', now(), now() + interval '1 day' FROM person LIMIT 1",
    "INSERT INTO recovery_code (company, person, code_hash) SELECT company, id, 'a code' FROM person LIMIT 1",
    "INSERT INTO mail (kind, to_address, to_name, subject, body, created_at, next_attempt_at, attempts)"
    " VALUES ('test', 'asha@brightwatt.example', 'Asha', 'Waiting', 'sealed', now(), now(), 0)",
    "INSERT INTO mail (kind, to_address, to_name, subject, created_at, next_attempt_at, attempts, sent_at)"
    " VALUES ('test', 'asha@brightwatt.example', 'Asha', 'Sent', now(), now(), 1, now())",
    "INSERT INTO notification (company, person, subject, title, process, kind, number, from_name, created_at,"
    " wants_mail) SELECT company, id, 'SC1', '', '', 'owner', 0, '', now(), true FROM person LIMIT 1",
    "INSERT INTO saq_jobs (key, job, queue, status) VALUES ('a nudge', '{}', 'default', 'queued')",
)
KEY_OF_A_PROGRAM = b"a key of Brightwatt's directory"
_MAKE_KEY = (
    "INSERT INTO api_key (company, name, prefix, secret_hash, scopes, made_by, created_at)"
    " SELECT company, 'directory', 'sdes_', %s, '{}', 'Mo', now() FROM person WHERE email_key = 'mo@brightwatt.example'"
)


@pytest.fixture(scope="session")
def lived_in(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo world, with its files: for tests that leave it as it is."""
    home = tmp_path_factory.mktemp("houses") / "lived-in"
    with empty_house(f"lived_in_{next(_numbers)}", home, postgres) as house:
        house.sdes("migrate")
        house.sdes("seed", "--demo")
        for statement in UNDER_WAY:
            house.rows(statement)
        house.rows(_MAKE_KEY, sha256(KEY_OF_A_PROGRAM).digest())
        yield house


@pytest.fixture(scope="session")
def put_by(lived_in: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, not to be altered."""
    shelf = tmp_path_factory.mktemp("put-by")
    lived_in.sdes("backup", shelf)
    (name,) = (one.parent for one in shelf.glob("*/manifest.json"))
    return name


@pytest.fixture
def build(postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Build]:
    """Builds an empty house, with the same master key unless another is given."""
    with ExitStack() as stack:

        def empty(key: bytes = KEY) -> House:
            number = next(_numbers)
            return stack.enter_context(empty_house(f"empty_{number}", tmp_path / f"house-{number}", postgres, key))

        yield empty


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "shelf"
