"""What authenticators are asked and how their answers are judged (WebAuthn Level 3, sections 7.1 and 7.2).

The library reads and verifies; here stands what this service demands beyond it. Nothing is read or kept: challenges,
keys and counters come in as values.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from store.passkeys import Passkey

ES256, EDDSA, RS256 = -7, -8, -257
ALGORITHMS: Final = (ES256, EDDSA, RS256)
"""COSE algorithms, the preferred first: what platforms, security keys and older Windows have."""
_LEAST_RSA_BITS: Final = 2048
_FORMATS: Final = frozenset({"none", "packed"})
"""Attestation isn't asked for, so browsers strip it, but for an authenticator that vouches for itself."""
_TRANSPORTS: Final = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})
_TIMEOUT_MILLISECONDS: Final = 240_000
_LONGEST_ANSWER: Final = 32_768
_LONGEST_ID: Final = 1023


class NotVerifiedError(Exception):
    """The answer isn't what an authenticator of the person would send to this service about this challenge."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys of this service are good: `origin` as a browser says it, `rp_id` its host."""

    origin: str
    rp_id: str

    @staticmethod
    def of(issuer: str) -> "Site":
        """From the issuer setting, whatever a request says."""
        return Site(issuer, urlsplit(issuer).hostname or "")


@dataclass(frozen=True, slots=True)
class Named:
    """The person as the authenticator shows her when it asks which account to use."""

    handle: bytes
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A credential that an authenticator has made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...]
    aaguid: UUID


@dataclass(frozen=True, slots=True)
class Presented:
    """Which passkey an answer is from, before anything of it is believed."""

    credential_id: bytes
    user_handle: bytes | None
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Used:
    """`copied`: the counter didn't go up, so that there may be two of it (7.2, step 22)."""

    sign_count: int
    backed_up: bool
    copied: bool


def creation_options(site: Site, person: Named, challenge: bytes, known: Iterable[Passkey]) -> dict[str, Any]:
    """`PublicKeyCredentialCreationOptionsJSON`: a passkey that names its user and verifies her, without attestation."""
    return {
        "rp": {"id": site.rp_id, "name": "Hallpass"},
        "user": {"id": _text(person.handle), "name": person.address, "displayName": person.name},
        "challenge": _text(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": one} for one in ALGORITHMS],
        "timeout": _TIMEOUT_MILLISECONDS,
        "excludeCredentials": [_descriptor(one) for one in known],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request_options(site: Site, challenge: bytes, allowed: Iterable[Passkey] = ()) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptionsJSON`; without `allowed` any passkey of this service may answer."""
    return {
        "challenge": _text(challenge),
        "rpId": site.rp_id,
        "timeout": _TIMEOUT_MILLISECONDS,
        "allowCredentials": [_descriptor(one) for one in allowed],
        "userVerification": "required",
    }


def made(site: Site, challenge: bytes, answer: str) -> Made:
    """The credential of a `RegistrationResponseJSON`. Raises NotVerifiedError."""
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import CredentialDeviceType

    read = _read(answer)
    try:
        found = verify_registration_response(
            credential=dict(read),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS],
        )
        aaguid = UUID(found.aaguid)
        strong = _is_strong(found.credential_public_key)
    except Exception as error:  # whatever a library makes of bytes that somebody invented
        raise NotVerifiedError(str(error)) from error
    if found.fmt not in _FORMATS or not strong or len(found.credential_id) > _LONGEST_ID:
        raise NotVerifiedError("The kind of attestation, the key or the id isn't one that is taken here.")
    eligible = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return Made(
        found.credential_id, found.credential_public_key, found.sign_count, eligible, found.credential_backed_up,
        _transports(read), aaguid,
    )  # fmt: skip


def presented(answer: str) -> Presented:
    """Which passkey an `AuthenticationResponseJSON` is from. Raises NotVerifiedError."""
    read = _read(answer)
    response = read["response"]
    identifier, handle = read.get("id"), response.get("userHandle")
    if not isinstance(identifier, str) or not isinstance(handle, str | None):
        raise NotVerifiedError("The answer names no passkey.")
    try:
        found, person = _bytes(identifier), _bytes(handle) if handle else None
    except ValueError as error:
        raise NotVerifiedError("The answer names no passkey.") from error
    if not 0 < len(found) <= _LONGEST_ID:
        raise NotVerifiedError("The answer names no passkey.")
    return Presented(found, person, read)


def used(site: Site, challenge: bytes, passkey: Passkey, answer: Presented) -> Used:
    """What the passkey's own answer says. Raises NotVerifiedError; a counter that went back is told, not raised."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.structs import CredentialDeviceType

    try:
        found = verify_authentication_response(
            credential=dict(answer.answer),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # judged below: a copy is told to its owner, a forgery is not
            require_user_verification=True,
        )
    except Exception as error:
        raise NotVerifiedError(str(error)) from error
    eligible = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    if found.credential_id != passkey.credential_id or eligible != passkey.backup_eligible:
        raise NotVerifiedError("The answer is from another passkey, or from one that became another kind.")
    counted = found.new_sign_count > 0 or passkey.sign_count > 0
    copied = counted and found.new_sign_count <= passkey.sign_count
    return Used(found.new_sign_count, found.credential_backed_up, copied)


def _read(answer: str) -> Mapping[str, Any]:
    """The answer as JSON, from a page of this origin that no other page frames (7.1, step 10; 7.2, step 13)."""
    if len(answer) > _LONGEST_ANSWER:
        raise NotVerifiedError("The answer is too long.")
    try:
        read = json.loads(answer)
        client = json.loads(_bytes(read["response"]["clientDataJSON"]))
        framed = client.get("crossOrigin", False) is not False or "topOrigin" in client
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise NotVerifiedError("The answer can't be read.") from error
    if framed:
        raise NotVerifiedError("The answer was made in a page within another site's.")
    return read


def _is_strong(public_key: bytes) -> bool:
    """RSA keys have 2048 bits at least; the others have one size."""
    from webauthn.helpers import decode_credential_public_key
    from webauthn.helpers.decode_credential_public_key import DecodedRSAPublicKey

    key = decode_credential_public_key(public_key)
    return not isinstance(key, DecodedRSAPublicKey) or int.from_bytes(key.n, "big").bit_length() >= _LEAST_RSA_BITS


def _transports(read: Mapping[str, Any]) -> tuple[str, ...]:
    told: object = read["response"].get("transports")
    return tuple(sorted(one for one in _TRANSPORTS if isinstance(told, list) and one in told))


def _descriptor(passkey: Passkey) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "public-key", "id": _text(passkey.credential_id)}
    return {**found, "transports": list(passkey.transports)} if passkey.transports else found


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
