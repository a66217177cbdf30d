"""Writes Security Event Tokens (RFC 8417, RFC 9493, SSF 1.0 section 4): what happened, never who she is."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from gateway.oidc.keys.signing_key import SigningKey
from policy.signals import CAEP_URIS, URIS, Kind
from store.access_version import AccessVersion
from store.signal_deliveries import Delivery

TYP: Final = "secevent+jwt"
MEDIA_TYPE: Final = "application/secevent+jwt"
ALG: Final = "RS256"
"""What every receiver reads (CAEP Interoperability Profile 2.6)."""
_LEVELS: Final = {"urn:hallpass:aal1": "nist-aal1", "urn:hallpass:aal2": "nist-aal2"}
_REASONS: Final[Mapping[Kind, str]] = {
    Kind.SESSION_REVOKED: "The session has ended.",
    Kind.TOKEN_CLAIMS_CHANGE: "What may be done has changed.",
    Kind.CREDENTIAL_CHANGE: "A means of signing in has changed.",
    Kind.ASSURANCE_LEVEL_CHANGE: "The session was proved in another way.",
}


def signed_set(told: Delivery, key: SigningKey, issuer: str, audience: str, stream: UUID) -> str:
    """The event as a compact JWS. Sent again, its claims are the same."""
    return key.sign(set_claims(told, issuer, audience, stream), TYP)


def set_claims(told: Delivery, issuer: str, audience: str, stream: UUID) -> dict[str, Any]:
    """SSF 1.0 section 4: one event, its subject in `sub_id`; no `sub`, no `exp`, so that it passes for nothing else."""
    return {
        "iss": issuer,
        "jti": str(told.jti),
        "iat": int(told.issued_at.timestamp()),
        "aud": audience,
        "txn": str(told.txn),
        "sub_id": _subject(told, issuer, stream),
        "events": {URIS[told.kind]: _event(told)},
    }


def person_subject(issuer: str, user: UUID) -> dict[str, str]:
    """RFC 9493 section 3.2.3: the same `sub` as in tokens."""
    return {"format": "iss_sub", "iss": issuer, "sub": str(user)}


def _subject(told: Delivery, issuer: str, stream: UUID) -> dict[str, Any]:
    """A person, a person's session, everybody of this issuer (nothing but `tenant`), or the stream."""
    if told.kind in (Kind.VERIFICATION, Kind.STREAM_UPDATED):
        return {"format": "opaque", "id": str(stream)}
    if told.user is None:
        return {"format": "complex", "tenant": {"format": "uri", "uri": issuer}}
    person = person_subject(issuer, told.user)
    if told.session is None:
        return person
    return {"format": "complex", "user": person, "session": {"format": "opaque", "id": str(told.session)}}


def _event(told: Delivery) -> dict[str, Any]:
    """What the event's type asks for. Of an address it never says which it was or is."""
    body = _members(told)
    if told.kind in CAEP_URIS:
        body |= {"event_timestamp": int(told.at.timestamp()), "reason_admin": {"en": _REASONS[told.kind]}}
    return body


def _members(told: Delivery) -> dict[str, Any]:
    details = told.details
    match told.kind:
        case Kind.TOKEN_CLAIMS_CHANGE:
            return {"claims": {"assessment": {"access_version": AccessVersion(details["version"]).text}}}
        case Kind.CREDENTIAL_CHANGE:
            return {"credential_type": details["type"], "change_type": details["change"]}
        case Kind.ASSURANCE_LEVEL_CHANGE:
            return _levels(str(details["from"]), str(details["to"]))
        case Kind.VERIFICATION:
            return {"state": details["state"]} if "state" in details else {}
        case Kind.STREAM_UPDATED:
            return {name: details[name] for name in ("status", "reason") if details.get(name)}
        case _:
            return {}


def _levels(before: str, after: str) -> dict[str, str]:
    """CAEP 1.0 section 3.4; a level that has no NIST name is told as the `acr` that it is."""
    direction = "increase" if after > before else "decrease"
    return {
        "namespace": "NIST-AAL",
        "previous_level": _LEVELS.get(before, before),
        "current_level": _LEVELS.get(after, after),
        "change_direction": direction,
    }
