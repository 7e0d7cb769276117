"""A passkey, as tests have one: it answers the challenges of the site as a browser would, by a key of its own (W3C WebAuthn)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, ATTESTED = 0x01, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Passkey:
    """A key on the curve P-256 that counts its uses; `origin` is the page it believes to stand on."""

    def __init__(self, origin: str, domain: str, *, number: int = 1) -> None:
        self.origin, self.domain, self.counter = origin, domain, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(f"key {number}".encode()).digest()

    def create(self, asked: dict[str, Any]) -> str:
        """The answer to the challenge of a set-up."""
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(PRESENT | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer("webauthn.create", asked, {"attestationObject": text(attestation)})

    def get(self, asked: dict[str, Any]) -> str:
        """The answer to the challenge of a sign-in."""
        self.counter += 1
        data, client = self._data(PRESENT), self._client("webauthn.get", asked)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer("webauthn.get", asked, {"authenticatorData": text(data), "signature": text(signature)})

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.domain.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client(self, act: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": act, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _answer(self, act: str, asked: dict[str, Any], response: dict[str, str]) -> str:
        said = {"clientDataJSON": text(self._client(act, asked)), **response}
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": said})
