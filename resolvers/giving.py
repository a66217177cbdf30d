"""Giving a role inside a change's transaction: judged by delegation, recorded, primary where S1-08 says so."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from policy.delegation import Proposal, Recipient, becomes_primary, may_assign, too_many
from policy.facts import Assignment
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from resolvers.seats import seats_at
from resolvers.writing import Change, RefusedChangeError, Target, UserError, user_error
from store.assignments import NewAssignment, insert_assignment
from store.database import Connection
from store.recipients import lock_organization
from store.records import OrganizationRecord


@dataclass(frozen=True, slots=True)
class RoleAsked:
    """A role to be given, as the document names it, with its organization loaded."""

    program: ProgramCode
    role: RoleSlug
    organization: OrganizationRecord
    school_year: SchoolYear
    last_day: date | None = None

    @property
    def proposal(self) -> Proposal:
        return Proposal(self.program, self.role, self.organization.facts, self.school_year)


@dataclass(frozen=True, slots=True)
class Judged:
    """A role that may be given, under which of the giver's assignments; `path` leads to it in the input."""

    asked: RoleAsked
    under: Assignment
    path: tuple[str, ...] = ()


def leas_of(asked: Collection[RoleAsked]) -> set[OrganizationId]:
    """The LEAs at which one of the roles is to be held: locked before anything is judged."""
    places = (one.organization.facts for one in asked)
    return {place.id for place in places if place.id == place.lea}


def judge(change: Change, recipient: Recipient, asked: list[RoleAsked], *path: str) -> list[Judged]:
    """Every role judged in turn, each as if those before it were held. Raises RefusedChangeError with all refusals."""
    judged: list[Judged] = []
    errors: list[UserError] = []
    for index, one in enumerate(asked):
        where = (*path, str(index)) if path else ()
        errors.extend(_last_day(change, one, *where))
        verdict = may_assign(change.actor, recipient, one.proposal, change.asking.packs, change.asking.years)
        if verdict.refusal is not None or verdict.under is None:
            if verdict.refusal is not None:
                errors.append(user_error(verdict.refusal, *where))
            continue
        judged.append(Judged(one, verdict.under, where))
        recipient = replace(recipient, assignments=(*recipient.assignments, _as_held(change, one)))
    if errors:
        raise RefusedChangeError(errors)
    return judged


async def give(change: Change, connection: Connection, user: UserId, judged: Judged, id_: AssignmentId) -> None:
    """The assignment, its audit event and its mail.

    Raises RefusedChangeError when the LEA has all coordinators it may have.
    """
    asked = judged.asked
    primary = await _becomes_primary(change, connection, judged)
    await insert_assignment(
        connection,
        NewAssignment(
            id_, user, asked.program, asked.role, asked.school_year, OrganizationId(asked.organization.id),
            change.asking.clock.now, primary=primary, assigned_by=change.caller.user,
            assigned_under=judged.under.role, last_day=asked.last_day,
        ),
    )  # fmt: skip
    after = {
        "user": str(user), "program": asked.program, "role": asked.role, "school_year": asked.school_year,
        "organization": str(asked.organization.id), "primary": primary,
    }  # fmt: skip
    await change.audit(connection, Target("role_assignment", str(id_)), judged.under, after=after)
    await change.mail(
        connection, "role-assigned", user, program=asked.program, role=asked.role,
        organization=asked.organization.id, school_year=asked.school_year,
    )  # fmt: skip


async def _becomes_primary(change: Change, connection: Connection, judged: Judged) -> bool:
    """S1-08: the first LEA coordinator of a program and year is the primary one until the superintendent designates.

    The pack says how many there may be beside (decisions, "Who may give").
    """
    asked = judged.asked
    pack = change.asking.packs.at(asked.program, asked.school_year)
    role = pack.roles.get(asked.role) if pack else None
    lea = asked.organization.lea_id
    if pack is None or role is None or role.primary_rank is None or lea is None:
        return False
    await lock_organization(connection, lea)
    seats = await seats_at(connection, lea, asked.program, asked.school_year, role.slug)
    refusal = too_many(role, pack, seats)
    if refusal is not None:
        raise RefusedChangeError([user_error(refusal, *judged.path)])
    return becomes_primary(role, seats)


def _last_day(change: Change, asked: RoleAsked, *path: str) -> list[UserError]:
    if asked.last_day is None or asked.last_day >= change.asking.clock.today:
        return []
    return [
        UserError(
            ["input", *path, "lastDay"], "PAST_DAY", None, "The last day is over already.", "Give today or a later day."
        )
    ]


def _as_held(change: Change, asked: RoleAsked) -> Assignment:
    """The role as one that is held, for judging the next."""
    return Assignment(
        AssignmentId(change.asking.new_id()), asked.program, asked.role, asked.organization.facts, asked.school_year
    )
