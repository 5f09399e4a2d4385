"""A world in which every company's, pair's and person's matter holds words that nobody else may ever read."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sdes.accounts.sessions import token_hash
from sdes.kit import clock, csrf, db
from sdes.permissions import Role
from sdes.settings import Settings
from tests.architecture.matter import Matter, exchanged
from tests.architecture.test_outsiders import RECORDS
from tests.fuzz.asking import Visitor
from tests.support.oidc import provider_row
from tests.support.people import Browser, session_for
from tests.support.programs import key_of

BRIGHTWATT, NORTHGRID, CALDER, CLEARVOLT = "Brightwatt Energy", "Northgrid Networks", "Calder Home Energy", "Clearvolt"
PAIRS = ((BRIGHTWATT, NORTHGRID), (CALDER, CLEARVOLT))
OVERSEERS = frozenset({"Code Manager", "SDES Provider"})
CLIENT_ADDRESS, CLIENT_GONE = "https://enquiry.example/back", "https://enquiry.example/gone"
FORM_COOKIE = "a-form-cookie"
NEEDLE = "zqneedle"  # stands beside every secret: whoever searches for it finds their own
SignIn = Callable[[str], Awaitable[Browser]]


@dataclass
class Secrets:
    """Words by who may read them: companies by their names; of a person, `asha` reads her name and `asha's own` all
    that is hers alone, as soon as she has wholly signed in."""

    readers: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)  # what it is, for whom

    def make(self, what: str, readers: Iterable[str]) -> str:
        """A new word that stands for `what`, beside the needle that everybody may search for."""
        letters = sha256(what.encode()).hexdigest()[:10].translate(str.maketrans("0123456789", "ghijkmnpqr"))
        self.keep(f"zq{letters}", what, readers)
        return f"{NEEDLE} zq{letters}"

    def keep(self, word: str, what: str, readers: Iterable[str]) -> None:
        self.readers[word.lower()] = (what, frozenset(readers))

    def told(self, text: str, asked: str, visitor: Visitor) -> list[str]:
        """What `text` tells the visitor that they may not read, and did not bring themselves."""
        lower = text.lower()
        found = [word for word in self.readers if word in lower]
        strange = [word for word in found if not self.readers[word][1] & visitor.reads]
        return [f"{word} ({self.readers[word][0]})" for word in sorted(strange) if word not in asked.lower()]


@dataclass
class World:
    """What there is to ask for: the values of each parameter of an address, and who asks."""

    secrets: Secrets
    records: list[dict[str, str]]  # of each pair: what stands for each parameter
    visitors: dict[str, Visitor]

    def values(self, parameter: str) -> list[str]:
        return [record[parameter] for record in self.records if parameter in record]


async def made(sign_in: SignIn, settings: Settings) -> World:
    """The world, made through the doors and then marked with secrets."""
    secrets = Secrets()
    await _mark_names(secrets)
    asha, nils = await sign_in("asha@brightwatt.example"), await sign_in("nils@northgrid.example")
    cleo, otto = await sign_in("cleo@calder.example"), await sign_in("otto@clearvolt.example")
    matters = [await exchanged(asha, "BRWT", nils, "NORG"), await exchanged(cleo, "CALD", otto, "CLRV")]
    providers = [await provider_row(f"https://192.0.2.{n}/", company=pair[0]) for n, pair in enumerate(PAIRS, 1)]
    tokens = [await _reset_link(matter, n) for n, matter in enumerate(matters)]
    await db.fetch("UPDATE oidc_client SET redirect_uris = $1, post_logout_uris = $2", [CLIENT_ADDRESS], [CLIENT_GONE])
    for matter, pair in zip(matters, PAIRS, strict=True):
        await _mark(secrets, matter, pair)
    await _with_functions()
    records = [
        {
            **{name: str(of(matter, False)) for name, of in RECORDS.items()},
            "draft_attachment": str(matter.draft_attachment),
            "provider_id": str(provider),
            "token": token,
            "file_path": "sdes.css",
        }
        for matter, provider, token in zip(matters, providers, tokens, strict=True)
    ]
    visitors = [*await _people(settings), *await _half_in(settings), *await _programs(), _nobody(settings)]
    return World(secrets, records, {visitor.label: visitor for visitor in visitors})


async def _mark_names(secrets: Secrets) -> None:
    """Each name, before anything is written under it. A MAU is known to those who look after companies, whoever has
    written to somebody to them."""
    rows = await db.fetch(
        "SELECT p.id, p.name, p.email_key, p.is_master_admin, c.name AS company FROM person p"
        " JOIN company c ON c.id = p.company"
    )
    for row in rows:
        readers = {row["company"], row["email_key"].partition("@")[0]} | (
            OVERSEERS if row["is_master_admin"] else frozenset()
        )
        if row["name"].split()[0] in ("Asha", "Nils", "Cleo", "Otto"):
            readers |= next(set(pair) for pair in PAIRS if row["company"] in pair)
        words = secrets.make(f"the name of {row['email_key']}", readers)
        await db.fetch("UPDATE person SET name = name || ' ' || $2 WHERE id = $1", row["id"], words)


async def _mark(secrets: Secrets, matter: Matter, pair: tuple[str, str]) -> None:
    """Secrets of the pair in what they have exchanged, of each company in what is its own, of each person likewise."""

    async def mark(what: str, readers: Iterable[str], sql: str, *values: Any) -> None:
        words = secrets.make(f"{what} of {pair[0]} and {pair[1]}", readers)
        await db.fetch(sql.replace("$W", f"' {words}'"), *values)

    key = matter.id
    await mark("subject", pair, "UPDATE communication SET subject = subject || $W WHERE id = $1", key)
    await mark(
        "item",
        pair,
        "UPDATE communication SET items = jsonb_set(items, '{0,value}', to_jsonb(items->0->>'value'"
        " || $W)) WHERE id = $1 AND items->0 IS NOT NULL",
        key,
    )
    await mark("message", pair, "UPDATE message SET text = text || $W WHERE communication = $1", key)
    await mark("title", pair, "UPDATE notification SET title = title || $W WHERE subject = $1", matter.reference)
    await mark(
        "file", pair, "UPDATE attachment SET name = $W || name WHERE is_sent AND audience && $1", list(matter.companies)
    )
    secrets.keep(matter.reference, f"reference of {pair}", pair)
    for company, name in zip(matter.companies, pair, strict=True):
        only = {name}
        await mark(
            f"tag of {name}",
            only,
            "UPDATE communication_party SET tags = tags || ARRAY[ltrim($W)] WHERE communication = $1 AND company = $2",
            key,
            company,
        )
        await mark(
            f"alert of {name}",
            only,
            "UPDATE communication_party SET alert = $W WHERE communication = $1 AND company = $2",
            key,
            company,
        )
        await mark(f"key of {name}", only, "UPDATE api_key SET name = name || $W WHERE company = $1", company)
        await mark(
            f"audit entry for {name}",
            only,
            "INSERT INTO audit_entry (at, event, person_name, company_name,"
            " subject, process, fuel, detail, audience, request_id, company_id, about_company) VALUES (now(),"
            " 'accounts.sign-in.succeeded', '', '', '', '', '', ltrim($W), ARRAY[$1::bigint], '', $1, $1)",
            company,
        )
        for person in await db.fetch("SELECT id, email_key FROM person WHERE company = $1", company):
            await _mark_person(mark, person["id"], person["email_key"].partition("@")[0])
    for row in await db.fetch("SELECT id::text FROM draft d WHERE company = $1", matter.companies[0]):
        secrets.keep(row["id"], "id of a draft", {"asha's own" if pair[0] == BRIGHTWATT else "cleo's own"})


async def _mark_person(mark: Callable[..., Awaitable[None]], person: int, label: str) -> None:
    only = {f"{label}'s own"}
    await mark(
        f"draft of {label}",
        only,
        "UPDATE draft SET fields = fields || jsonb_build_object('text', $W::text) WHERE person = $1",
        person,
    )
    await mark(f"filter of {label}", only, "UPDATE saved_filter SET name = name || $W WHERE person = $1", person)
    await mark(f"passkey of {label}", only, "UPDATE passkey SET name = name || $W WHERE person = $1", person)
    await mark(f"session of {label}", only, "UPDATE session SET browser = browser || $W WHERE person = $1", person)
    await mark(
        f"upload of {label}", only, "UPDATE people_upload SET filename = $W || filename WHERE person = $1", person
    )
    await mark(
        f"file of a draft of {label}",
        only,
        "UPDATE attachment SET name = $W || name WHERE id IN (SELECT"
        " a.attachment FROM draft_attachment a JOIN draft d ON d.id = a.draft WHERE d.person = $1)",
        person,
    )


async def _with_functions() -> None:
    """Asha, Cleo and Otto may see reports; Ben is the MAU's deputy."""
    await db.fetch("UPDATE person SET functions = '{reports}' WHERE email_key ~ '^(asha|cleo|otto)@'")
    await db.fetch("UPDATE person SET functions = '{user-administration,reports}' WHERE email_key ~ '^ben@'")


async def _reset_link(matter: Matter, number: int) -> str:
    token = f"a-link-that-works-{number}"
    await db.fetch(
        "UPDATE account_link SET token_hash = $2, expires_at = $3 WHERE person = $1",
        matter.person,
        token_hash(token),
        clock.now() + timedelta(hours=1),
    )
    return token


async def _people(settings: Settings) -> list[Visitor]:
    return [
        await _signed_in(email, settings, company)
        for email, company in (
            ("asha@brightwatt.example", BRIGHTWATT),
            ("ben@brightwatt.example", BRIGHTWATT),
            ("mo@brightwatt.example", BRIGHTWATT),
            ("nils@northgrid.example", NORTHGRID),
            ("cleo@calder.example", CALDER),
            ("otto@clearvolt.example", CLEARVOLT),
            ("olga@clearvolt.example", CLEARVOLT),
            ("mei@fieldline.example", "Fieldline Metering"),
            ("carys@codemanager.example", "Code Manager"),
            ("piet@provider.example", "SDES Provider"),
        )
    ]


async def _half_in(settings: Settings) -> list[Visitor]:
    """Between password and second factor, with a single-use password, and with a session that has ended: for all of
    them nothing is open yet but their own way in."""
    half = await _signed_in("cora@calder.example", settings, label="cora, half-way")
    newcomer = await _signed_in("nora@northgrid.example", settings, label="nora, a newcomer")
    away = await _signed_in("marc@fieldline.example", settings, label="marc, who was away")
    of = "WHERE person = (SELECT id FROM person WHERE email_key = $1)"
    await db.fetch(f"UPDATE session SET stage = 'second-factor' {of}", "cora@calder.example")
    await db.fetch(f"UPDATE session SET last_seen_at = now() - interval '2 h' {of}", "marc@fieldline.example")
    await db.fetch(
        "UPDATE person SET password_is_single_use = true, password_expires_at = now() + interval '1 day'"
        " WHERE email_key = 'nora@northgrid.example'"
    )
    return [half, newcomer, away]


async def _signed_in(email: str, settings: Settings, company: str = "", label: str = "") -> Visitor:
    token = await session_for(email, settings)
    (row,) = await db.fetch("SELECT id FROM person WHERE email_key = $1", email)
    name = email.partition("@")[0]
    return Visitor(
        label or name,
        [("cookie", f"{settings.cookie}={token}; {settings.form_cookie}={FORM_COOKIE}")],
        frozenset({company, name, f"{name}'s own"} if company else {name}),
        csrf.token_for(f"{FORM_COOKIE}.{row['id']}"),
    )


async def _programs() -> list[Visitor]:
    keys = [
        (f"a program of {BRIGHTWATT}", BRIGHTWATT, await key_of(BRIGHTWATT)),
        (f"a program of {CLEARVOLT}", CLEARVOLT, await key_of(CLEARVOLT)),
        (f"a reader of {CALDER}", CALDER, await key_of(CALDER, Role.API_COMMUNICATIONS_READER)),
        ("a program with a revoked key", "", await key_of(CALDER, revoked_at=clock.now())),
    ]
    return [
        Visitor(label, [("authorization", f"Bearer {key}")], frozenset({company} - {""}))
        for label, company, key in keys
    ]


def _nobody(settings: Settings) -> Visitor:
    return Visitor(
        "nobody", [("cookie", f"{settings.form_cookie}={FORM_COOKIE}")], csrf_token=csrf.token_for(f"{FORM_COOKIE}.")
    )
