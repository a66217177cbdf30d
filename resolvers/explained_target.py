"""Where a role could be held that answers a check: at what the asker may see of its target, and nowhere else.

Of what she can't see, and of what isn't there, nothing is told: the roles are then named without a place.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from policy.access import AnyOf, holds
from policy.facts import Organization
from policy.ids import GroupId, OrganizationId
from policy.targets import UserTarget
from policy.ways import Wanted
from resolvers import groups, organizations, users
from resolvers.asking import Asking
from resolvers.givers import places_of
from resolvers.questions import CheckAsked, Sought
from resolvers.references import OrganizationReference
from resolvers.subjects import subject_of

MOST_PLACES = 5
"""Organizations of one person that are looked at."""


@dataclass(frozen=True, slots=True)
class TargetSight:
    """The rules by which the targets of checks are seen: those of their types."""

    user: AnyOf
    organization: AnyOf
    assignment: AnyOf
    group: AnyOf


async def wanted_at(asking: Asking, check: CheckAsked, asked: Sought, sight: TargetSight) -> Wanted:
    """What is to be answered and where. Of a person only those places count that the asker may see."""
    kind = check.targets[0]
    by_group = kind in ("student", "studentGroup")
    target = asked.question.target
    if isinstance(target, UserTarget):
        narrowed = await _seen_of(asking, target, sight)
        here = [one.organization for one in narrowed.places[:MOST_PLACES]]
        return Wanted(replace(asked.question, target=narrowed), await _organizations(asking, here), by_group)
    find = _FINDERS.get(kind)
    place = await find(asking, check, sight) if find else None
    here = [place] if place and asked.known else []
    return Wanted(asked.question, await _organizations(asking, here), by_group)


async def _seen_of(asking: Asking, target: UserTarget, sight: TargetSight) -> UserTarget:
    """The person with the places that the asker sees; nobody's where she doesn't see the person."""
    record = await users.by_id(asking, target.user)
    if record is None or not holds(asking.caller, sight.user, subject_of(record, asking)):
        return replace(target, places=())
    mine = record.subject
    seen = tuple(one for one in target.places if holds(asking.caller, sight.assignment, replace(mine, places=(one,))))
    return replace(target, places=seen)


async def _organizations(asking: Asking, identifiers: Sequence[OrganizationId]) -> tuple[Organization, ...]:
    found: dict[OrganizationId, Organization] = {}
    for identifier in dict.fromkeys(identifiers):
        record = await organizations.by_id(asking, identifier)
        if record is not None:
            found.update({one.id: one for one in places_of(record.facts)})
    return tuple(found.values())


async def _at(asking: Asking, reference: OrganizationReference | None, sight: TargetSight) -> OrganizationId | None:
    record = await organizations.by_reference(asking, reference)
    seen = record is not None and holds(asking.caller, sight.organization, subject_of(record, asking))
    return record.id if record is not None and seen else None


async def _organization(asking: Asking, check: CheckAsked, sight: TargetSight) -> OrganizationId | None:
    return await _at(asking, check.organization, sight)


async def _student(asking: Asking, check: CheckAsked, sight: TargetSight) -> OrganizationId | None:
    return await _at(asking, check.student.organization if check.student else None, sight)


async def _group(asking: Asking, check: CheckAsked, sight: TargetSight) -> OrganizationId | None:
    record = await groups.by_id(asking, GroupId(check.student_group)) if check.student_group else None
    seen = record is not None and holds(asking.caller, sight.group, subject_of(record, asking))
    return record.organization_id if record is not None and seen else None


_Find = Callable[[Asking, CheckAsked, TargetSight], Awaitable[OrganizationId | None]]
_FINDERS: Mapping[str, _Find] = {"organization": _organization, "student": _student, "studentGroup": _group}
