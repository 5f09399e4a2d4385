"""An authenticator in software: makes passkeys and proves them, honestly or not."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device. What it says of itself can be changed before it is asked: `origin` is the browser's word on which
    page asked, `verifies` whether it asked for a fingerprint, `count` how often its key was used."""

    origin: str = ORIGIN
    verifies: bool = True
    count: int = 0
    rp_id: str = ""  # another site's, instead of what was asked
    credential_id: bytes = b"a passkey in software"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""

    def make(self, options: str) -> str:
        """The field `credential` that a browser posts after `navigator.credentials.create()`."""
        asked = json.loads(options)
        self.handle = decoded(asked["user"]["id"])
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        length = len(self.credential_id).to_bytes(2, "big")
        held = bytes(16) + length + self.credential_id + cbor2.dumps(public)
        about = self._about(asked["rp"]["id"], ATTESTED) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        told = self._told("webauthn.create", asked["challenge"])
        return self._answer(clientDataJSON=told, attestationObject=attestation)

    def prove(self, options: str) -> str:
        """The field `credential` that a browser posts after `navigator.credentials.get()`."""
        asked = json.loads(options)
        self.count += 1
        about = self._about(asked["rpId"])
        told = self._told("webauthn.get", asked["challenge"])
        signature = self.key.sign(about + sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=told, authenticatorData=about, signature=signature, userHandle=self.handle)

    def _about(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256((self.rp_id or rp_id).encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _told(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, **response: bytes) -> str:
        words: dict[str, Any] = {name: encoded(value) for name, value in response.items()}
        held = encoded(self.credential_id)
        return json.dumps({"id": held, "rawId": held, "type": "public-key", "response": words})


# What is wrong with an answer, and how an authenticator comes to give it.
LIES: dict[str, Callable[[Authenticator], object]] = {
    "another origin": lambda device: setattr(device, "origin", "https://sdes.example.evil"),
    "another port": lambda device: setattr(device, "origin", "http://localhost:8001"),
    "another site": lambda device: setattr(device, "rp_id", "evil.example"),
    "nobody was verified": lambda device: setattr(device, "verifies", False),
    "a copy that was used less": lambda device: setattr(device, "count", -1),
    "another key": lambda device: setattr(device, "key", Authenticator().key),
    "another person's handle": lambda device: setattr(device, "handle", b"person 0"),
    "an unknown passkey": lambda device: setattr(device, "credential_id", b"never seen"),
}


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
