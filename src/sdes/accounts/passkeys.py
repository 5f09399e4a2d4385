"""Passkeys (WebAuthn): what a browser is asked, and whether what it answers is genuine. No database here."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

LONGEST_ANSWER = 65536  # characters
PATIENCE = 5 * 60 * 1000  # milliseconds that the browser gives a person
DEFAULT_PORTS = {"http": 80, "https": 443}


class NotGenuine(Exception):
    """An answer that proves nothing. Why is for the log, never for whoever sent it."""


@dataclass(frozen=True)
class Site:
    """This site as browsers and authenticators know it: what a passkey is bound to, and where alone it is used."""

    id: str
    origin: str


@dataclass(frozen=True)
class Answer:
    """What a browser answered, read and not yet believed."""

    text: str
    challenge: bytes
    credential_id: bytes


@dataclass(frozen=True)
class Made:
    """A new passkey: what is kept of it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def site_at(public_url: str) -> Site:
    """The site at the address that people know. Behind a proxy it is not the address that this process listens at."""
    parts = urlsplit(public_url)
    port = f":{parts.port}" if parts.port and parts.port != DEFAULT_PORTS.get(parts.scheme) else ""
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.hostname}{port}")


def handle_of(person_id: int) -> bytes:
    """The name under which an authenticator keeps a person's passkey: tells nobody who that is."""
    return f"person {person_id}".encode()


def creation_options(
    site: Site, challenge: bytes, *, person_id: int, email: str, name: str, present: Iterable[bytes]
) -> str:
    """What a browser makes a passkey from, as JSON. One that it holds among `present` makes no second."""
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name="SDES",
        user_id=handle_of(person_id),
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        timeout=PATIENCE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in present],
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, challenge: bytes, allowed: Iterable[bytes] = ()) -> str:
    """What a browser proves a passkey with, as JSON: one of `allowed`, or whichever its owner chooses."""
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=challenge,
        timeout=PATIENCE,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def read(text: str) -> Answer:
    """The answer in a posted field; NotGenuine for anything that is none."""
    if len(text) > LONGEST_ANSWER:
        raise NotGenuine("too long")
    try:
        answer = json.loads(text)
        told = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return Answer(text, base64url_to_bytes(told["challenge"]), base64url_to_bytes(answer["rawId"]))
    except Exception as cause:  # whatever strangers send may break a parser in any way
        raise NotGenuine("cannot be read") from cause


def made(answer: Answer, challenge: bytes, site: Site) -> Made:
    """The passkey that was made for `challenge` at this site, by somebody whom the authenticator knows."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer.text,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as cause:  # see `read`
        raise NotGenuine(str(cause)) from cause
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def proven(answer: Answer, challenge: bytes, site: Site, passkey: dict[str, Any]) -> int:
    """The new count of uses, once the holder of the row `passkey` has answered `challenge` at this site and the
    authenticator knew them; a count that does not rise is a copy's."""
    try:
        handle = parse_authentication_credential_json(answer.text).response.user_handle
        found = webauthn.verify_authentication_response(
            credential=answer.text,
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=passkey["public_key"],
            credential_current_sign_count=passkey["sign_count"],
            require_user_verification=True,
        )
    except Exception as cause:  # see `read`
        raise NotGenuine(str(cause)) from cause
    if found.credential_id != passkey["credential_id"] or (handle and handle != handle_of(passkey["person"])):
        raise NotGenuine("somebody else's")
    return found.new_sign_count
