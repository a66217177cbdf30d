"""Judges an access token and reads from it whose results the person may see: all that is not said is not allowed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

VIEW_RESULTS: Final = "results:view"
REACHES: Final = ("lea", "schools", "site", "roster")
_TYPE: Final = "assessment_access"
_KNOWN_MEMBERS: Final = frozenset(
    {"type", "locations", "actions", "program", "school_year", "assessments", "reach", "organizations"}
)


class RefusedError(Exception):
    """The token says too little, or isn't for this system; the message says which."""


@dataclass(frozen=True, slots=True)
class Permit:
    """One entry: whose results of which program, year and kinds of assessment the person may see."""

    program: str
    school_year: str
    assessments: tuple[str, ...]
    reach: str
    organizations: tuple[str, ...]
    """`level:code` of each organization that the reach goes from."""


def verified(token: str, keys: KeySet, *, issuer: str, resource: str, client_id: str, now: float) -> Mapping[str, Any]:
    """The claims of an access token (RFC 9068) that the gateway signed for this system. Raises RefusedError."""
    try:
        read = jwt.decode(token, keys, algorithms=["ES256"])
    except (JoseError, ValueError) as error:
        raise RefusedError("The access token is not signed by the gateway.") from error
    claims = read.claims
    if read.header.get("typ") != "at+jwt" or claims.get("iss") != issuer or claims.get("client_id") != client_id:
        raise RefusedError("The token is not an access token of the gateway for this client.")
    if claims.get("aud") != resource:
        raise RefusedError("The access token is for another system.")
    if not isinstance(claims.get("exp"), int) or claims["exp"] <= now:
        raise RefusedError("The access token has expired.")
    return claims


def is_complete(claims: Mapping[str, Any]) -> bool:
    """Whether the entries stand in the token. Where they would make it too long, they have to be asked for."""
    return claims.get("assessment_access_complete") is not False and "authorization_details" in claims


def permits(entries: object, resource: str) -> tuple[Permit, ...]:
    """What the entries allow in this system. An entry that isn't understood wholly allows nothing.

    Raises RefusedError where there are no entries at all: their absence never means that everything is allowed.
    """
    if not isinstance(entries, list):
        raise RefusedError("The gateway did not say whose results may be seen.")
    read = (_permit(one, resource) for one in cast("list[object]", entries))
    return tuple(one for one in read if one is not None)


def _permit(entry: object, resource: str) -> Permit | None:
    if not isinstance(entry, dict):
        return None
    one = cast("dict[str, Any]", entry)
    if one.get("type") != _TYPE or resource not in _texts(one.get("locations")):
        return None
    if VIEW_RESULTS not in _texts(one.get("actions")) or one.get("reach") not in REACHES or set(one) - _KNOWN_MEMBERS:
        return None
    organizations, kinds = _texts(one.get("organizations")), _texts(one.get("assessments"))
    program, year = one.get("program"), one.get("school_year")
    if not organizations or not kinds or not isinstance(program, str) or not isinstance(year, str):
        return None
    return Permit(program, year, kinds, one["reach"], organizations)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(one for one in cast("Iterable[object]", value) if isinstance(one, str))
