"""Bodies that no program means to send: told as what is wrong with them, never as an error of ours."""

import pytest
from litestar import Litestar

from sdes.kit import db as database
from tests.support.programs import Program, key_of

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("body", [b'"\xff"', b'{"use_cases": "\xff"}', b"\xff"])
async def test_bodies_are_text(app: Litestar, db: None, body: bytes) -> None:
    directory = Program(app, await key_of("Brightwatt Energy"))
    (row,) = await database.fetch("SELECT id FROM person WHERE email_key = 'ben@brightwatt.example'")
    headers = {"Content-Type": "application/json"}
    answer = await directory.client.put(f"/people/{row['id']}/assignments", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
