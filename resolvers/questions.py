"""From a check as a document asks it to the core's question: whom and what it names, loaded."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.caller import SystemCaller
from policy.decide import GroupTarget, OrganizationTarget, StudentTarget, Target, UserTarget
from policy.facts import Level
from policy.grant import ActiveRole
from policy.ids import GroupId, OrganizationId, Permission, ProgramCode, SchoolYear, UserId
from policy.reach import Place
from resolvers import groups, organizations, users
from resolvers.asking import Asking
from resolvers.references import OrganizationReference
from resolvers.refusals import bad_input
from store.groups import groups_of_member


@dataclass(frozen=True, slots=True)
class StudentAsked:
    """A student's number, which goes no further than its hash, and the school that the asker vouches for."""

    number: str
    organization: OrganizationReference | None
    by_organization: bool

    def __repr__(self) -> str:
        return "StudentAsked(…)"


@dataclass(frozen=True, slots=True)
class CheckAsked:
    permission: Permission
    subject: UUID | None
    about_caller: bool
    acting_as: ActiveRole | None
    program: ProgramCode | None
    school_year: SchoolYear | None
    assessment: str | None
    organization: OrganizationReference | None
    student_group: UUID | None
    student: StudentAsked | None
    target_user: UUID | None
    targets: tuple[str, ...]
    """Which kinds of target the document gave: exactly one is asked about."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a check is about. Nothing has the id or code where not `known`: the target then stands where no reach but
    one over everything ends, so that what isn't there is judged as what isn't reached, word for word.
    """

    target: Target
    known: bool


async def target_of(asking: Asking, check: CheckAsked) -> Sought:
    """What the check is about. Refuses a check about nothing, or about several things."""
    if len(check.targets) != 1:
        raise bad_input(
            "A check asks about one thing: give exactly one of organization, studentGroup, student, targetUser."
        )
    found = await _FINDERS[check.targets[0]](asking, check)
    return Sought(found or _nowhere(asking, check), known=found is not None)


def _nowhere(asking: Asking, check: CheckAsked) -> Target:
    """A school of an LEA that doesn't exist; a person there, in no program."""
    school, lea = OrganizationId(asking.new_id()), OrganizationId(asking.new_id())
    if check.targets == ("targetUser",):
        lost = Place(school, Level.SCHOOL, lea, ProgramCode(""), SchoolYear(""))
        return UserTarget(UserId(asking.new_id()), (lost,))
    return OrganizationTarget(Place(school, Level.SCHOOL, lea))


async def _organization(asking: Asking, check: CheckAsked) -> Target | None:
    place = await _place(asking, check.organization)
    return OrganizationTarget(place) if place else None


async def _group(asking: Asking, check: CheckAsked) -> Target | None:
    found = await groups.by_id(asking, GroupId(check.student_group)) if check.student_group else None
    return GroupTarget(found.id, found.place) if found else None


async def _student(asking: Asking, check: CheckAsked) -> Target | None:
    asked = check.student
    if asked is None:
        return None
    place = await _place(asking, asked.organization)
    if asked.by_organization and place is None:
        return None
    key = asking.student_key(asked.number)
    mine = await asking.reads.run(partial(groups_of_member, member_key=key))
    return StudentTarget(place, mine, asserted=isinstance(asking.caller, SystemCaller))


async def _user(asking: Asking, check: CheckAsked) -> Target | None:
    found = await users.by_id(asking, UserId(check.target_user)) if check.target_user else None
    return UserTarget(found.id, found.places) if found else None


async def _place(asking: Asking, reference: OrganizationReference | None) -> Place | None:
    found = await organizations.by_reference(asking, reference)
    return found.place if found else None


_Find = Callable[[Asking, CheckAsked], Awaitable[Target | None]]
_FINDERS: Mapping[str, _Find] = {
    "organization": _organization,
    "studentGroup": _group,
    "student": _student,
    "targetUser": _user,
}
