"""The one sign-in as tests need it: applications and rogue providers that really listen, clients, codes, tokens."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from litestar import Litestar

from sdes.kit import clock, db
from sdes.single_sign_on.actions.providers import sealed
from sdes.single_sign_on.asking import challenge_of
from tests.support.people import Browser
from tests.support.world import answering

_KEY = RSAKey.generate_key(2048, {"kid": "one"})
BACK = "https://enquiry.example/signed-in"
GONE = "https://enquiry.example/signed-out"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-"


def free_socket() -> socket.socket:
    """A socket of this machine's alone, at a free port."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made


def address_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def serving(app: Any, listening: socket.socket) -> AsyncIterator[None]:
    """Has the application listen within the block; it shares the test's transaction."""
    server = uvicorn.Server(uvicorn.Config(_as_requests(app), log_level="warning", lifespan="off", ws="none"))
    config = server.config
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield
    finally:
        server.should_exit = True
        await ticking
        await server.shutdown(sockets=[listening])


def _as_requests(app: Any) -> Any:
    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        token = answering.set(isinstance(app, Litestar))
        try:
            await app(scope, receive, send)
        finally:
            answering.reset(token)

    return wrapped


async def registered(piet: Browser, *, redirect_uris: str = BACK, post_logout_uris: str = GONE) -> tuple[str, str]:
    """A client that the provider has registered through its page: its name and its secret."""
    words = {"name": "Enquiry Service", "redirect_uris": redirect_uris, "post_logout_uris": post_logout_uris}
    answer = await piet.post("/sign-in-clients", words)
    assert answer.status_code == 200, answer.text
    shown = re.findall(r'<dd class="mono">([^<]+)</dd>', answer.text)
    return shown[1], shown[2]


def asking(client_id: str, **changes: str | None) -> str:
    """The address at which a client has somebody sign in."""
    words = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": BACK,
        "scope": "openid email profile sdes",
        "state": "a state",
        "nonce": "a nonce",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    return f"/oidc/authorize?{urlencode({name: value for name, value in words.items() if value is not None})}"


def words_of(answer: httpx.Response) -> dict[str, str]:
    """What a redirect says in its query."""
    assert answer.status_code in (302, 303), answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def code_for(browser: Browser, client_id: str, **changes: str | None) -> str:
    """The code with which the browser is sent back."""
    return words_of(await browser.get(asking(client_id, **changes)))["code"]


async def exchanged(browser: Browser, client: tuple[str, str], code: str, **changes: Any) -> httpx.Response:
    """The answer to a client's code; `auth=None` leaves the secret out."""
    words = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    auth = changes.pop("auth", client)
    words = {name: value for name, value in {**words, **changes}.items() if value is not None}
    return await browser.client.post("/oidc/token", data=words, **({"auth": auth} if auth else {}))


@dataclass
class Rogue:
    """An identity provider that says what a test wants it to: `claims` and `header` of its ID tokens, or a whole
    `token`; `answers` by path instead of its own."""

    issuer: str
    client_id: str = "sdes"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    make_token: Callable[["Rogue", dict[str, Any]], str] | None = None
    key: RSAKey = field(default_factory=lambda: _KEY)
    nonce: str = ""
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    posted: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                self.posted.append({name: one[0] for name, one in parse_qs(body.decode()).items()})
                break
        self.asked.append(scope["path"])
        status, content = self.answers.get(scope["path"]) or (200, self._answer(scope["path"]))
        headers = [(b"content-type", b"application/json")]
        if status in (301, 302):
            headers.append((b"location", content))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, path: str) -> bytes:
        told: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                **self.metadata,
            },
            "/jwks": {"keys": [{**self.key.as_dict(private=False), "kid": "one", "use": "sig"}]},
            "/token": {"access_token": "an-access-token", "token_type": "Bearer"},
            "/userinfo": self.userinfo,
        }[path]
        if path == "/token":
            told["id_token"] = self.id_token()
        return json.dumps(told).encode()

    def whole_claims(self) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "somebody",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "asha@brightwatt.example",
            "email_verified": True,
            "amr": ["mfa"],
            **self.claims,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def id_token(self) -> str:
        claims = self.whole_claims()
        if self.make_token:
            return self.make_token(self, claims)
        return jwt.encode({"alg": "RS256", "kid": "one", **self.header}, claims, self.key, algorithms=["RS256"])


@asynccontextmanager
async def rogue() -> AsyncIterator[Rogue]:
    """A provider that listens on this machine."""
    with free_socket() as listening:
        made = Rogue(address_of(listening))
        async with serving(made, listening):
            yield made


async def provider_row(issuer: str, *, company: str | None = None, **changes: Any) -> int:
    """An identity provider in the tables: the enquiry service's, or the `company`'s own; gives its id."""
    words = {
        "name": "the Electricity Enquiry Service" if company is None else "Brightwatt's directory",
        "client_id": "sdes",
        "secret": "a secret",
        "email_domains": [],
        "is_enquiry_service": company is None,
        "is_enabled": True,
        **changes,
    }
    rows = await db.fetch(
        "INSERT INTO identity_provider (company, name, issuer, client_id, client_secret, email_domains,"
        " is_enquiry_service, is_enabled, created_at)"
        " VALUES ((SELECT id FROM company WHERE name = $1), $2, $3, $4, $5, $6, $7, $8, now()) RETURNING id",
        company,
        words["name"],
        issuer,
        words["client_id"],
        sealed(words["secret"]),
        words["email_domains"],
        words["is_enquiry_service"],
        words["is_enabled"],
    )
    return int(rows[0]["id"])


async def sent_away(browser: Browser, provider: int, next: str = "/") -> dict[str, str]:
    """What the browser is sent to the provider with."""
    answer = await browser.get("/sign-in/with", params={"provider": provider, "next": next})
    return {**words_of(answer), "address": answer.headers["location"].partition("?")[0]}


async def returning(browser: Browser, rogue: Rogue, provider: int, next: str = "/", **words: str) -> httpx.Response:
    """Goes to the rogue provider and comes back with a code."""
    asked = await sent_away(browser, provider, next)
    rogue.nonce = asked["nonce"]
    return await browser.get("/sign-in/returned", params={"code": "a-code", "state": asked["state"], **words})
