"""Role assignments as fields: those of each user of an answer, and what each gives or lacks."""

from collections.abc import Mapping, Sequence
from functools import partial

from policy.access import AnyOf, RowFilter
from policy.caller import PersonCaller
from policy.ids import AssignmentId, UserId
from policy.reach import EVERYTHING
from policy.reasons import MissingStep
from resolvers import people
from resolvers.asking import Asking
from resolvers.batches import Batch, batch_of
from resolvers.grants import GrantRow, grant_rows
from resolvers.pages import Listing, page_request
from store.assignments import assignments_by_ids, assignments_of_users, count_assignments_of_users
from store.pages import PageRequest
from store.records import AssignmentRecord, Count, Page, UserRecord

__all__ = ["AssignmentRecord", "access_of_user", "by_id", "grants", "missing_steps", "of_user", "seen_of_user"]


async def by_id(asking: Asking, assignment: AssignmentId) -> AssignmentRecord | None:
    return await _single(asking).get(assignment)


async def of_user(
    asking: Asking, user: UserRecord, rule: AnyOf, first: int | None, after: str | None
) -> Listing[AssignmentRecord]:
    """A page of the assignments that the rule lets the caller see; one statement for all users of the answer."""
    request = page_request(first, after)
    rows = _rows(asking, user.id, rule)
    page = await _pages(asking, request, rows).get(user.id)
    found = page or Page((), (), has_next=False, has_previous=False)
    return Listing(found, lambda: _count(asking, user.id, rows))


async def seen_of_user(asking: Asking, user: UserRecord, rule: AnyOf) -> tuple[AssignmentRecord, ...]:
    """The assignments of a user that the caller may see, up to the most of one page."""
    return (await of_user(asking, user, rule, 100, None)).page.rows


async def grants(asking: Asking, assignment: AssignmentRecord) -> list[GrantRow]:
    """What the assignment gives now."""
    access = await people.access(asking, assignment.user_id)
    mine = [grant for grant in (access.grants if access else ()) if grant.assignment == assignment.id]
    return grant_rows(mine, asking.systems)


async def missing_steps(asking: Asking, assignment: AssignmentRecord) -> list[MissingStep]:
    access = await people.access(asking, assignment.user_id)
    withheld = [one for one in (access.withheld if access else ()) if one.assignment.id == assignment.id]
    return sorted({step for one in withheld for step in one.missing})


async def access_of_user(asking: Asking, user: UserRecord, rule: AnyOf) -> list[GrantRow]:
    """What those assignments give that the caller may see."""
    access = await people.access(asking, user.id)
    seen = {one.id for one in await seen_of_user(asking, user, rule)}
    return grant_rows([one for one in (access.grants if access else ()) if one.assignment in seen], asking.systems)


def _rows(asking: Asking, user: UserId, rule: AnyOf) -> RowFilter:
    """Through a relying party's token one's own assignments are cut to its systems as well."""
    caller = asking.caller
    if isinstance(caller, PersonCaller) and caller.systems is not None and user == caller.user:
        return RowFilter(EVERYTHING, own_systems=caller.systems)
    return asking.rows(rule)


def _pages(asking: Asking, request: PageRequest, rows: RowFilter) -> Batch[UserId, Page[AssignmentRecord]]:
    async def load(users: Sequence[UserId]) -> Mapping[UserId, Page[AssignmentRecord]]:
        return await asking.reads.run(
            partial(assignments_of_users, users=users, request=request, rows=rows, own=asking.own)
        )

    return batch_of(asking.batches, ("assignments of users", request, rows), load)


async def _count(asking: Asking, user: UserId, rows: RowFilter) -> Count:
    async def load(users: Sequence[UserId]) -> Mapping[UserId, Count]:
        return await asking.reads.run(partial(count_assignments_of_users, users=users, rows=rows, own=asking.own))

    counted = await batch_of(asking.batches, ("count of assignments", rows), load).get(user)
    return counted or Count(0, 0)


def _single(asking: Asking) -> Batch[AssignmentId, AssignmentRecord]:
    async def load(ids: Sequence[AssignmentId]) -> Mapping[AssignmentId, AssignmentRecord]:
        return await asking.reads.run(partial(assignments_by_ids, ids=ids, own=asking.own))

    return batch_of(asking.batches, "assignments", load)
