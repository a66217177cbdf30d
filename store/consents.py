"""Consents: what a person let a relying party have, and its withdrawal with all that came from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from policy.consent import Terms
from policy.grant import ActiveRole
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, System, UserId
from store.database import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Allowed:
    """Terms with the time at which they were allowed last."""

    terms: Terms
    at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """All that a person lets one relying party have; the latest terms first."""

    id: UUID
    client_id: str
    label: str
    given_at: datetime
    allowed: tuple[Allowed, ...]


async def given_terms(connection: Connection, user: UserId, client_id: str) -> tuple[Terms, ...]:
    """What she allowed the relying party, locked until the transaction ends: it can't be withdrawn meanwhile."""
    rows = await connection.fetch(statements("consents")["given"], user, client_id)
    return tuple(_terms(row) for row in rows)


async def give_consent(
    connection: Connection, identifier: UUID, user: UserId, client_id: str, terms: Terms, now: datetime
) -> UUID:
    """Keep what she allows besides what she allowed before. Returns the consent's id; `identifier` is for a new one."""
    consent: UUID = await connection.fetchval(statements("consents")["give"], identifier, user, client_id, now)
    role = terms.role
    await connection.execute(
        statements("consents")["add_terms"],
        consent,
        terms.digest(),
        sorted(terms.scopes),
        sorted(terms.systems),
        None if terms.details is None else list(terms.details),
        *((None, None, None) if role is None else (role.program, role.role, role.school_year)),
        terms.place,
        now,
    )
    return consent


async def consents_of(connection: Connection, user: UserId) -> tuple[Consent, ...]:
    """All of hers, by the relying party's label."""
    rows = await connection.fetch(statements("consents")["of_person"], user)
    return tuple(_consents(rows))


async def withdraw_consent(connection: Connection, consent: UUID, user: UserId, now: datetime) -> str | None:
    """End a consent of hers, and every authorization of that relying party with its codes and tokens.

    Returns the client id; None: she has no such consent. Call it in a transaction. The consent goes first: an
    authorization being made has locked it, and is seen after that.
    """
    client_id: str | None = await connection.fetchval(statements("consents")["withdraw"], consent, user)
    if client_id is not None:
        await connection.execute(statements("consents")["revoke_authorizations"], user, client_id, now)
    return client_id


def _consents(rows: list[Row]) -> Iterator[Consent]:
    for identifier, group in groupby(rows, key=lambda row: row["id"]):
        mine = list(group)
        first = mine[0]
        allowed = tuple(Allowed(_terms(row["terms"]), row["terms"]["allowed_at"]) for row in mine)
        yield Consent(identifier, first["client_id"], first["label"], first["given_at"], allowed)


def _terms(row: Row) -> Terms:
    details, year, place = row["details"], row["school_year"], row["place_id"]
    role = None
    if row["program"] is not None:
        role = ActiveRole(
            ProgramCode(row["program"]), RoleSlug(row["role"]), None if year is None else SchoolYear(year)
        )
    return Terms(
        frozenset(row["scopes"]),
        frozenset(System(code) for code in row["systems"]),
        None if details is None else tuple(details),
        role,
        None if place is None else OrganizationId(place),
    )
