"""What a client asks of us when it sends a person: read from the address, judged, without a database.

Only the code flow (OpenID Connect Core 3.1.2), only with PKCE by S256 (RFC 7636).
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl

from sdes.kit.forms import without_control_characters

SCOPES = ("openid", "email", "profile", "sdes", "offline_access")
LONGEST_QUERY = 6000
LONGEST_WORD = 2000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_WHOLE = re.compile(r"[0-9]{1,9}")


class AskedWrongly(Exception):
    """What is asked is not what we give; `code` is the protocol's word for it, the text is for the client's makers."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Asked:
    """A request to say who somebody is. `max_age` in seconds."""

    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    nonce: str
    code_challenge: str
    prompts: frozenset[str]
    max_age: int | None


def parameters(query: str) -> dict[str, str]:
    """The words of a query or a form. Refuses (AskedWrongly) what is said twice, too long or not text."""
    if len(query) > LONGEST_QUERY:
        raise AskedWrongly("invalid_request", "the request is too long")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40, errors="strict")
    except ValueError as cause:
        raise AskedWrongly("invalid_request", "the request cannot be read") from cause
    words = dict(pairs)
    if len(words) != len(pairs):
        raise AskedWrongly("invalid_request", "a parameter is given twice")
    for value in words.values():
        if len(value) > LONGEST_WORD or without_control_characters(value) != value:
            raise AskedWrongly("invalid_request", "a parameter is too long or holds characters that cannot be seen")
    return words


def read(words: Mapping[str, str]) -> Asked:
    """What the client asks for. Refuses (AskedWrongly) what we do not give."""
    if words.get("response_type") != "code":
        raise AskedWrongly("unsupported_response_type", "only response_type=code is served")
    if words.get("response_mode", "query") != "query":
        raise AskedWrongly("invalid_request", "only response_mode=query is served")
    for name in ("request", "request_uri", "registration"):
        if name in words:
            raise AskedWrongly(f"{name}_not_supported", f"the parameter {name} is not served")
    scopes = tuple(scope for scope in SCOPES if scope in words.get("scope", "").split())
    if "openid" not in scopes:
        raise AskedWrongly("invalid_scope", "the scope must name openid")
    if words.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(words.get("code_challenge", "")):
        raise AskedWrongly("invalid_request", "PKCE is required: code_challenge with code_challenge_method=S256")
    prompts = frozenset(words.get("prompt", "").split())
    if "none" in prompts and len(prompts) > 1:
        raise AskedWrongly("invalid_request", "prompt=none goes with no other prompt")
    max_age = words.get("max_age", "")
    if max_age and not _WHOLE.fullmatch(max_age):
        raise AskedWrongly("invalid_request", "max_age must be a number of seconds")
    if len(words.get("nonce", "")) > 200:
        raise AskedWrongly("invalid_request", "the nonce is too long")
    return Asked(
        redirect_uri=words["redirect_uri"],
        state=words.get("state", ""),
        scopes=scopes,
        nonce=words.get("nonce", ""),
        code_challenge=words["code_challenge"],
        prompts=prompts,
        max_age=int(max_age) if max_age else None,
    )


def answers_challenge(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one whose S256 challenge was sent."""
    return bool(_VERIFIER.fullmatch(verifier)) and challenge_of(verifier) == challenge


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
