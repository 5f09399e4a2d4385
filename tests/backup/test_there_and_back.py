"""A house put by and built up again, by the commands of docs/continuity.md: everything is there, and what must not come
back is not (SD 7.2, 8.3)."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backup.conftest import Build
from tests.support.continuity import commands, placed
from tests.support.houses import House

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

ENDED = {"session", "account_link", "recovery_code", "saq_jobs"}  # of what conftest has begun
CHANGED = {"mail", "notification", "person", "backup", "audit_entry"}  # rows that a restore alters or adds


def words(house: House) -> Iterator[tuple[str, Any]]:
    """Every table with all that its rows say."""
    for table in house.counts().keys() - ENDED - CHANGED:
        yield table, house.rows(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) AS said FROM "{table}" t')


@pytest.mark.spec("SD 7.2")
async def test_there_and_back_by_the_page(lived_in: House, build: Build, shelf: Path) -> None:
    second, said = build(), ""
    for command in commands("1. In the house"):
        said += lived_in.sdes(*placed(command, shelf, _name(shelf)))
    assert "41 files" in said
    assert "Every byte of it is as it was written." in said
    lived_in.sdes("jobs", "run", "backup_keep_roll")  # as its worker does each minute
    begun = time.monotonic()
    (command,) = commands("2. In the empty house")[:1]
    said = second.sdes(*placed(command, shelf, _name(shelf), lived_in.blobs))
    print(f"restored in {time.monotonic() - begun:.1f} s")
    assert "1 mails that waited then are not sent" in said
    assert "it does not stand on the roll" in said
    assert ": nothing." in said

    assert await second.contents() == await lived_in.contents() != {}
    assert dict(words(second)) == dict(words(lived_in))
    before, after = lived_in.counts(), second.counts()
    assert {name: after[name] for name in ENDED} == dict.fromkeys(ENDED, 0)
    assert {name: after[name] - before[name] for name in CHANGED} == dict.fromkeys(CHANGED, 0) | {"audit_entry": 1}
    mails = {mail["subject"]: mail for mail in second.rows("SELECT * FROM mail")}
    assert mails["Waiting"]["given_up_at"]
    assert "may have been sent since" in mails["Waiting"]["last_error"]
    assert mails["Waiting"]["body"] is None
    assert not mails["Sent"]["given_up_at"]
    assert second.rows("SELECT 1 FROM notification WHERE wants_mail") == []
    assert second.rows("SELECT 1 FROM person WHERE password_is_single_use AND password_expires_at > now()") == []
    (run,) = second.rows("SELECT * FROM backup WHERE name = %s", _name(shelf))
    assert run["finished_at"], "a restored house does not say of its own backup that it is under way"
    assert (run["problem"], run["files"]) == ("", 41)
    assert next_reference(second) > next_reference(lived_in) + 90_000, "no reference is given out twice"
    assert second.rows("SELECT to_regnamespace('sdes_restore') AS mark") == [{"mark": None}]
    (entry,) = second.rows("SELECT * FROM audit_entry WHERE event = 'backup.house.restored'")
    assert entry["subject"] == _name(shelf)
    the_web_has_its_rights_and_no_more(second)

    again = build()
    second.sdes("backup", shelf)
    again.sdes("restore", shelf / _name(shelf), "--as-it-was")
    assert await again.contents() == await lived_in.contents(), "a house that was restored is put by like any other"


@pytest.mark.spec("SD 8.3")
async def test_nothing_lies_in_a_backup_in_clear(lived_in: House, put_by: Path) -> None:
    """Neither a message's words, nor a file's, nor its name, nor anybody's address, whatever case; nor the key."""
    (file,) = lived_in.rows("SELECT name FROM attachment LIMIT 1")
    (message,) = lived_in.rows("SELECT text FROM message ORDER BY length(text) DESC LIMIT 1")
    telling = [b"brightwatt", b"PGDMP", b"CREATE TABLE", file["name"].encode(), message["text"][:40].encode()]
    telling.append((lived_in.home / "master.key").read_bytes())
    for path in (one for one in put_by.parent.rglob("*") if one.is_file()):
        content = path.read_bytes().lower()
        assert not [word for word in telling if word.lower() in content], path
        assert path.stat().st_mode & 0o077 == 0 or path.name == ".lock", path


def next_reference(house: House) -> int:
    return int(house.rows("SELECT last_value AS n FROM communication_reference_seq")[0]["n"])


def the_web_has_its_rights_and_no_more(house: House) -> None:
    web = House(house.home, house.web_url, house.web_url)
    assert len(web.rows("SELECT 1 FROM company")) == len(house.rows("SELECT 1 FROM company"))
    assert web.rows("SELECT 1 FROM message") == [], "row-level security is on"
    said = web.refused("backup", house.home / "shelf", DATABASE_OWNER_URL=house.web_url)
    assert "Only the owner's login may take a backup" in said


def _name(shelf: Path) -> str:
    """The newest backup of the shelf, as an operator reads it from the list."""
    names = sorted(one.parent.name for one in shelf.glob("2*/manifest.json")) if shelf.exists() else []
    assert all(re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", name) for name in names)
    return names[-1] if names else ""
