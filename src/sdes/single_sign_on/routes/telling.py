"""What programs ask of us as a provider: metadata, keys, a code's token, a token's person. Never a page."""

from base64 import b64decode
from dataclasses import replace
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus

from litestar import MediaType, Response, get, post

from sdes.accounts.entrance import AnyRequest
from sdes.accounts.sessions import token_hash
from sdes.kit import clock, csrf
from sdes.kit.forms import whole_body
from sdes.permissions import Permission
from sdes.single_sign_on.actions.granting import TOKEN_LASTS, Exchanged, exchange
from sdes.single_sign_on.actions.keys import public_keys, signed, signing_key
from sdes.single_sign_on.actions.refreshing import refresh
from sdes.single_sign_on.asking import AskedWrongly, parameters
from sdes.single_sign_on.claims import claims_of, id_token_claims
from sdes.single_sign_on.metadata import issuer_of, metadata
from sdes.single_sign_on.queries import client_in_use, holder_of_token
from sdes.single_sign_on.views import Client

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@get(
    "/.well-known/openid-configuration",
    name="single-sign-on.configuration",
    opt={"permission": Permission.ANYONE, "transaction": "none"},
)
async def configuration(request: AnyRequest) -> Response[Any]:
    """What this service says of itself."""
    return _told(metadata(request.app.state.settings.public_url))


@get("/oidc/jwks", name="single-sign-on.keys", opt={"permission": Permission.ANYONE})
async def keys() -> Response[Any]:
    """The keys by which our tokens are known."""
    return _told(await public_keys())


@post("/oidc/token", name="single-sign-on.token", opt={"permission": Permission.ANYONE, "transaction": "own"})
async def token(request: AnyRequest) -> Response[Any]:
    """Exchanges a client's code or refresh token for an ID token and an access token. The client's secret stands for a
    form's token."""
    csrf.refuse_foreign_origin(request)
    try:
        words = await _posted(request)
        client = await _authenticated(request, words)
        if client is None:
            return _refused("invalid_client", 401)
        request.scope["state"]["form_is_ours"] = True
        if words.get("grant_type") == "authorization_code":
            return await _exchanged(request, client, words)
        if words.get("grant_type") == "refresh_token":
            return await _refreshed(request, client, words)
        return _refused("unsupported_grant_type")
    except AskedWrongly as refusal:
        return _refused(refusal.code)


@get("/oidc/userinfo", name="single-sign-on.userinfo", opt={"permission": Permission.ANYONE})
async def userinfo(request: AnyRequest) -> Response[Any]:
    """The claims of the person behind an access token, while their session lasts."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    settings = request.app.state.settings
    holder = await holder_of_token(given, settings.session_idle) if kind.lower() == "bearer" and given else None
    if holder is None:
        words = ' error="invalid_token"' if given else ""
        return Response(
            {"error": "invalid_token"}, status_code=401, headers={**NO_STORE, "WWW-Authenticate": f"Bearer{words}"}
        )
    return _told(claims_of(holder))


@post("/oidc/userinfo", name="single-sign-on.userinfo.by-post", opt={"permission": Permission.ANYONE})
async def userinfo_by_post(request: AnyRequest) -> Response[Any]:
    """The same for clients that post. It changes nothing, so there is no form to be verified."""
    answer: Response[Any] = await userinfo.fn(request)
    answer.status_code = answer.status_code or 200
    request.scope["state"]["form_is_ours"] = answer.status_code == 200
    return answer


async def _posted(request: AnyRequest) -> dict[str, str]:
    if not request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        raise AskedWrongly("invalid_request", "send a form")
    body = await AnyRequest(request.scope, await whole_body(request)).body()
    return parameters(body.decode("ascii", "replace"))


async def _authenticated(request: AnyRequest, words: dict[str, str]) -> Client | None:
    """The client whose name and secret came with the request, in the header or in the form and not in both."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    client_id, secret = words.get("client_id", ""), words.get("client_secret", "")
    if kind.lower() == "basic":
        if secret:
            raise AskedWrongly("invalid_request", "give the secret once")
        try:
            name, _, secret = b64decode(given, validate=True).decode().partition(":")
        except ValueError:
            return None
        if client_id not in ("", unquote_plus(name)):
            return None
        client_id, secret = unquote_plus(name), unquote_plus(secret)
    if not client_id or not secret or not client_id.isprintable():
        return None
    client = await client_in_use(client_id)
    return client if client and compare_digest(token_hash(secret), client.secret_hash) else None


async def _exchanged(request: AnyRequest, client: Client, words: dict[str, str]) -> Response[Any]:
    settings = request.app.state.settings
    key = await signing_key()
    exchanged = await exchange(
        client,
        words.get("code", ""),
        redirect_uri=words.get("redirect_uri", ""),
        verifier=words.get("code_verifier", ""),
        idle=settings.session_idle,
    )
    return _tokens(request, exchanged, key)


async def _refreshed(request: AnyRequest, client: Client, words: dict[str, str]) -> Response[Any]:
    key = await signing_key()
    secret = words.get("refresh_token", "")
    refreshed = await refresh(client, secret, idle=request.app.state.settings.session_idle)
    if refreshed:  # the claims are those of now, and of no request with a nonce
        refreshed = replace(refreshed, holder=replace(refreshed.holder, nonce=""))
    return _tokens(request, refreshed, key)


def _tokens(request: AnyRequest, exchanged: Exchanged | None, key: Any) -> Response[Any]:
    if exchanged is None:
        return _refused("invalid_grant")
    issuer = issuer_of(request.app.state.settings.public_url)
    claims = id_token_claims(exchanged.holder, issuer, clock.now(), exchanged.token)
    return _told(
        {
            "access_token": exchanged.token,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LASTS.total_seconds()),
            "scope": " ".join(exchanged.holder.scopes),
            "id_token": signed(claims, key),
            **({"refresh_token": exchanged.refresh} if exchanged.refresh else {}),
        }
    )


def _told(words: dict[str, Any]) -> Response[Any]:
    return Response(words, status_code=200, media_type=MediaType.JSON, headers=NO_STORE)


def _refused(error: str, status: int = 400) -> Response[Any]:
    headers = {**NO_STORE, **({"WWW-Authenticate": 'Basic realm="SDES"'} if status == 401 else {})}
    return Response({"error": error}, status_code=status, media_type=MediaType.JSON, headers=headers)
