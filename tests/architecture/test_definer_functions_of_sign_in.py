"""Functions that run as the owner for the sign-ins of companies: what they tell and do, and to whom they refuse it."""

import pytest

from sdes.kit import db
from tests.support.oidc import provider_row
from tests.support.world import as_web

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def company(name: str) -> int:
    return int((await db.fetch("SELECT id FROM company WHERE name = $1", name))[0]["id"])


async def test_a_domain_leads_to_the_company_that_has_people_there() -> None:
    domains = ["brightwatt.example", "calder.example", "new.example"]
    provider = await provider_row("https://b.example", company="Brightwatt Energy", email_domains=domains)
    ask = "SELECT id FROM sdes_providers_at($1) AS id"
    async with as_web(None):
        assert [row["id"] for row in await db.fetch(ask, "brightwatt.example")] == [provider]
        for domain in ("calder.example", "new.example", "", "%", "example"):
            assert await db.fetch(ask, domain) == []


async def test_only_who_looks_after_companies_takes_their_sign_in_out_of_use() -> None:
    own = await provider_row("https://b.example", company="Brightwatt Energy")
    enquiry = await provider_row("https://enquiry.example")
    ask = "SELECT * FROM sdes_disable_identity_provider($1)"
    for stranger in (None, await company("Brightwatt Energy"), await company("Calder Home Energy")):
        async with as_web(stranger):
            assert await db.fetch(ask, own) == []
    async with as_web(await company("SDES Provider")):
        assert await db.fetch(ask, enquiry) == []
        (row,) = await db.fetch(ask, own)
        assert (row["company_id"], row["issuer"]) == (await company("Brightwatt Energy"), "https://b.example")
        assert await db.fetch(ask, own) == [], "it is out of use already"
