"""A company's own program: it has an API key, and no browser."""

from typing import Any

import httpx
from litestar import Litestar

from sdes.accounts.sessions import new_token, token_hash
from sdes.administration.tables import ApiKey
from sdes.kit import clock, db
from sdes.permissions import Role
from tests.support.people import _Transport

ALL = (Role.API_PEOPLE_WRITER, Role.API_ASSIGNER, Role.API_COMMUNICATIONS_READER)


class Program:
    """Asks /api/v1 with a key. Sends JSON and expects JSON."""

    def __init__(self, app: Litestar, secret: str) -> None:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.client = httpx.AsyncClient(
            transport=_Transport(app), base_url="http://sdes.example/api/v1", headers=headers
        )

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query or None)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, json=body, headers=named)


async def key_of(company: str, *scopes: Role, **columns: Any) -> str:
    """The secret of a new key of that company (by its name)."""
    (row,) = await db.fetch("SELECT id FROM company WHERE name = $1", company)
    secret = f"sdes_{new_token()}"
    await ApiKey.insert(
        ApiKey(
            company=row["id"],
            name="staff directory",
            prefix=secret[:12],
            secret_hash=token_hash(secret),
            scopes=[scope.value for scope in scopes or ALL],
            made_by="a test",
            created_at=clock.now(),
            **columns,
        )
    )
    return secret


async def page(program: Program, path: str = "/communications", **query: Any) -> Any:
    """What the program is told at that path, which must be open to it."""
    answer = await program.get(path, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()
