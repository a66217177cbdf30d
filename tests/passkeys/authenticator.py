"""An authenticator in software, as honest or dishonest as a test wants it (WebAuthn Level 3, 6.1 and 6.5)."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
ES256, EDDSA, RS256 = -7, -8, -257
ORIGIN = "http://localhost:8000"

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Twist:
    """What differs from an honest answer."""

    origin: str = ORIGIN
    rp_id: str = "localhost"
    challenge: str | None = None
    kind: str | None = None
    flags_off: int = 0
    flags_on: int = 0
    cross_origin: object = False
    top_origin: str | None = None
    handle: bytes | None = None
    """In place of the person's own."""
    drop_handle: bool = False
    count: int | None = None
    break_signature: bool = False
    fmt: str = "none"


HONEST = Twist()


@dataclass(slots=True)
class SoftKey:
    """One credential. `synced`: it may live on several devices."""

    alg: int = ES256
    synced: bool = False
    bits: int = 2048
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0
    counts: bool = True
    handle: bytes = b""
    key: Key = field(init=False)

    def __post_init__(self) -> None:
        if self.alg == RS256:
            self.key = rsa.generate_private_key(65537, self.bits)
        elif self.alg == EDDSA:
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any], twist: Twist = HONEST) -> str:
        """A `RegistrationResponseJSON`."""
        self.handle = read(options["user"]["id"])
        client = _client(twist.kind or "webauthn.create", options["challenge"], twist)
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(self.cose())
        data = self._data(UP | UV | AT, twist) + attested
        attestation = cbor2.dumps({"fmt": twist.fmt, "attStmt": {}, "authData": data})
        response = {"clientDataJSON": text(client), "attestationObject": text(attestation), "transports": ["internal"]}
        return self._written(response)

    def get(self, options: dict[str, Any], twist: Twist = HONEST) -> str:
        """An `AuthenticationResponseJSON`."""
        if self.counts:
            self.count += 1
        client = _client(twist.kind or "webauthn.get", options["challenge"], twist)
        data = self._data(UP | UV, twist)
        signature = self.sign(data + hashlib.sha256(client).digest())
        if twist.break_signature:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        response = {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)}
        if not twist.drop_handle:
            response["userHandle"] = text(self.handle if twist.handle is None else twist.handle)
        return self._written(response)

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(message)
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))

    def cose(self) -> dict[int, Any]:
        """The public key as a COSE_Key (RFC 9053, 7; RFC 8230, 4)."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            numbers = self.key.public_key().public_numbers()
            return {1: 3, 3: self.alg, -1: numbers.n.to_bytes(self.bits // 8, "big"), -2: numbers.e.to_bytes(3, "big")}
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return {1: 1, 3: self.alg, -1: 6, -2: self.key.public_key().public_bytes_raw()}
        point = self.key.public_key().public_numbers()
        return {1: 2, 3: self.alg, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}

    def _data(self, flags: int, twist: Twist) -> bytes:
        flags |= (BE | BS) if self.synced else 0
        flags = (flags | twist.flags_on) & ~twist.flags_off
        count = self.count if twist.count is None else twist.count
        return hashlib.sha256(twist.rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _written(self, response: dict[str, Any]) -> str:
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})


def _client(kind: str, challenge: str, twist: Twist) -> bytes:
    told: dict[str, object] = {
        "type": kind,
        "challenge": challenge if twist.challenge is None else twist.challenge,
        "origin": twist.origin,
        "crossOrigin": twist.cross_origin,
    }
    if twist.top_origin is not None:
        told["topOrigin"] = twist.top_origin
    return json.dumps(told).encode()


def text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def read(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
