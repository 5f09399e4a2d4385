"""What programs write into an address: a parameter that a door does not know is refused, not left out."""

import pytest
from litestar import Litestar

from sdes.kit import db as database
from tests.support.programs import Program, key_of

pytestmark = pytest.mark.anyio

NEW = {"name": "New Person", "email": "New@brightwatt.example"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/people?status=suspended"),
        ("GET", "/people?limit=1&status="),
        ("GET", "/people/1?email=x"),
        ("POST", "/people?dry_run=1"),
        ("DELETE", "/people/1?takeover_by=2"),
        ("PUT", "/people/1/suspension?takeover_by=2"),
        ("GET", "/functions?page=2"),
        ("GET", "/use-cases?page=2"),
    ],
)
async def test_a_parameter_that_a_door_does_not_know_is_refused(
    app: Litestar, db: None, method: str, path: str
) -> None:
    """Or else a misspelt one means everybody, or a deletion without a successor."""
    directory = Program(app, await key_of("Brightwatt Energy"))
    before = await database.fetch("SELECT * FROM person ORDER BY id")
    answer = await directory.send(method, path, {**NEW} if method == "POST" else None)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == path.replace("=", "&").replace("?", "&").split("&")[-2]
    assert error["problem"] == "This address does not take it. Leave it out, or check how it is written"
    assert await database.fetch("SELECT * FROM person ORDER BY id") == before
