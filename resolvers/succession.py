"""When a primary coordinator has left, the longest assigned one follows, and the superintendent is told (S1-08)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from policy.delegation import Coordinator, successor
from policy.facts import Assignment
from policy.ids import RoleSlug, UserId
from policy.pack import Pack
from policy.packs import Packs
from resolvers.writing import Target
from store.coordinators import HolderRecord, LeaYear, holders_at, set_primary
from store.database import Connection
from store.mail_templates import MailValue
from store.recipients import lock_organization


@dataclass(frozen=True, slots=True)
class Departed:
    """A coordinator who left: whose assignment it was."""

    user: UserId
    assignment: Assignment


class Telling(Protocol):
    """Where a succession is written down and told: the change of a person, or the work of a night."""

    @property
    def packs(self) -> Packs: ...

    @property
    def today(self) -> date: ...

    async def audit(
        self, connection: Connection, target: Target, under: Assignment | None, *, before: Mapping[str, object],
        after: Mapping[str, object], reason: str,
    ) -> None: ...  # fmt: skip

    async def mail(self, connection: Connection, template: str, user: UserId, **values: MailValue) -> None: ...


async def succeed(making: Telling, connection: Connection, departed: Iterable[Departed]) -> set[UserId]:
    """Call it once the assignments are gone. Those whose role is another now: their access version is to be raised."""
    changed: set[UserId] = set()
    for one in sorted(departed, key=lambda one: (str(one.assignment.organization.lea), str(one.assignment.id))):
        pack = making.packs.at(one.assignment.program, one.assignment.school_year or None)
        role = pack.roles.get(one.assignment.role) if pack else None
        lea = one.assignment.organization.lea
        if pack is None or role is None or role.primary_rank is None or lea is None:
            continue
        at = LeaYear(lea, one.assignment.program, one.assignment.school_year)
        await lock_organization(connection, lea)
        left = await holders_at(connection, at, [role.slug], making.today)
        heads = await holders_at(connection, at, superintendents_of(pack, role.slug), making.today)
        told = [holder.user for holder in heads]
        if not left:
            await _tell(making, connection, at, told, one.user, "no-coordinator")
            continue
        found = successor(_coordinator(holder) for holder in left)
        next_one = next((holder for holder in left if holder.assignment == found), None)
        if one.assignment.primary and next_one is not None:
            await set_primary(connection, next_one.assignment)
            await making.audit(
                connection, Target("role_assignment", str(next_one.assignment)), None,
                before={"primary": False}, after={"primary": True, "user": str(next_one.user)}, reason="S1-08",
            )  # fmt: skip
            await _tell(making, connection, at, [next_one.user], next_one.user, "became-primary")
            await _tell(making, connection, at, told, next_one.user, "primary-succeeded")
            changed.add(next_one.user)
    return changed


def superintendents_of(pack: Pack, role: RoleSlug) -> list[RoleSlug]:
    """The derived roles that may assign this one: those who are told of it."""
    assigners = {one.role for one in pack.roles[role].assignable_by} if role in pack.roles else set[RoleSlug]()
    return [slug for slug in assigners if slug in pack.roles and pack.roles[slug].derived]


async def _tell(
    making: Telling, connection: Connection, at: LeaYear, users: Iterable[UserId], about: UserId, notice: str
) -> None:
    for user in users:
        await making.mail(
            connection, "coordinator-notice", user, notice=notice, person=about, program=at.program,
            organization=at.lea, school_year=at.school_year,
        )  # fmt: skip


def _coordinator(holder: HolderRecord) -> Coordinator:
    return Coordinator(holder.assignment, holder.assigned_at, holder.primary, holder.active, holder.status)
