"""What Shared Signals can tell: kinds of events and their URIs, of whom, and what a receiver's refusal means."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policy.ids import RoleSlug, SchoolYear, System, system_of
from policy.pack import Pack
from policy.packs import Packs

_CAEP: Final = "https://schemas.openid.net/secevent/caep/event-type/"
_RISC: Final = "https://schemas.openid.net/secevent/risc/event-type/"
_SSF: Final = "https://schemas.openid.net/secevent/ssf/event-type/"


class Kind(StrEnum):
    """What happened, as the database writes it: the last part of the event's URI."""

    SESSION_REVOKED = "session-revoked"
    TOKEN_CLAIMS_CHANGE = "token-claims-change"  # noqa: S105 - an event's name
    CREDENTIAL_CHANGE = "credential-change"
    ASSURANCE_LEVEL_CHANGE = "assurance-level-change"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    ACCOUNT_PURGED = "account-purged"
    IDENTIFIER_CHANGED = "identifier-changed"
    IDENTIFIER_RECYCLED = "identifier-recycled"
    VERIFICATION = "verification"
    STREAM_UPDATED = "stream-updated"


_CAEP_KINDS: Final = (
    Kind.SESSION_REVOKED,
    Kind.TOKEN_CLAIMS_CHANGE,
    Kind.CREDENTIAL_CHANGE,
    Kind.ASSURANCE_LEVEL_CHANGE,
)
_RISC_KINDS: Final = (
    Kind.ACCOUNT_DISABLED,
    Kind.ACCOUNT_ENABLED,
    Kind.ACCOUNT_PURGED,
    Kind.IDENTIFIER_CHANGED,
    Kind.IDENTIFIER_RECYCLED,
)
CAEP_URIS: Final[Mapping[Kind, str]] = MappingProxyType({kind: _CAEP + kind for kind in _CAEP_KINDS})
_RISC_URIS: Final = {kind: _RISC + kind for kind in _RISC_KINDS}
_SSF_URIS: Final = {kind: _SSF + kind for kind in (Kind.VERIFICATION, Kind.STREAM_UPDATED)}
URIS: Final[Mapping[Kind, str]] = MappingProxyType({**CAEP_URIS, **_RISC_URIS, **_SSF_URIS})
SUPPORTED: Final = (*CAEP_URIS.values(), *_RISC_URIS.values())
"""What a receiver may ask for; events about the stream itself come unasked (SSF 1.0 8.1.4 and 8.1.5)."""


def kinds_of(uris: Collection[str]) -> tuple[Kind, ...]:
    """The supported events among these URIs, in our order."""
    return tuple(kind for kind, uri in URIS.items() if uri in SUPPORTED and uri in uris)


def gives(packs: Packs, pack: Pack, slug: RoleSlug, systems: Collection[System]) -> bool:
    """Whether a role of the pack, or the one that its holder has by default with it (S1-09), gives anything there."""
    role = pack.roles.get(slug)
    if role is None:
        return False
    slugs = (slug,) if role.stands_in_for is None else (slug, role.stands_in_for)
    return any(system_of(spec.permission) in systems for one in slugs for _, spec in packs.specs(pack, one))


def giving_roles(
    packs: Packs, years: Mapping[str, Collection[str]], systems: Collection[System]
) -> tuple[tuple[str, str, str], ...]:
    """(program, role, year) of each role that gives or gave anything in the systems; year '' where there is none.

    `years`: by program, the school years that are known.
    """
    found: set[tuple[str, str, str]] = set()
    for program in packs.programs():
        for year in ("", *years.get(program, ())):
            pack = packs.at(program, SchoolYear(year) if year else None)
            if pack is not None:
                found |= {(program, slug, year) for slug in pack.roles if gives(packs, pack, slug, systems)}
    return tuple(sorted(found))


class Outcome(StrEnum):
    """What a receiver's answer to a pushed event means."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """This event will never be taken; the next one may."""
    LATER = "later"
    """The receiver, or how it and we are set up, is not in order: everything waits."""


_LASTING: Final = frozenset({"invalid_request", "invalid_state"})
_FIXABLE: Final = frozenset(
    {"invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed", "access_denied"}
)
ERROR_CODES: Final = _LASTING | _FIXABLE
"""RFC 8935 section 2.4, SSF 1.0 8.1.4.1."""
MOST_ATTEMPTS: Final = 10
"""With an event that is answered by 400 and nothing that explains it."""


def judged(status: int, error: str | None, attempts: int) -> tuple[Outcome, str]:
    """The outcome of a push (RFC 8935 sections 2.2 to 2.4), and its code. `attempts`: how many there were before."""
    if status == 202:
        return Outcome.DELIVERED, ""
    if status != 400:
        return Outcome.LATER, f"status {status}"
    if error in _FIXABLE:
        return Outcome.LATER, error
    if error is not None:
        return Outcome.REFUSED, error if error in _LASTING else "unknown code"
    return (Outcome.REFUSED if attempts + 1 >= MOST_ATTEMPTS else Outcome.LATER), "status 400"


_FIRST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(minutes=15)
KEPT_FOR: Final = timedelta(days=7)
"""So long events wait for a receiver that is away or has paused; then its stream is disabled, and it is told so."""


def again_in(failures: int, drawn: float) -> timedelta:
    """Twice as long after each failure in a row, up to 15 minutes, up to a quarter more or less.

    `failures`: how many there were; `drawn`: a random number from 0 to 1.
    """
    return min(_FIRST * 2 ** min(failures - 1, 16), _LONGEST) * (0.75 + 0.5 * drawn)
