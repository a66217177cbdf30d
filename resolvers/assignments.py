"""Role assignments: the facts of one, those of a user that the caller sees, and what each gives or lacks."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from policy.access import AnyOf
from policy.ids import AssignmentId, UserId
from policy.reasons import MissingStep
from resolvers import people, rows
from resolvers.asking import Asking
from resolvers.batches import batch_of
from resolvers.grants import GrantRow, grant_rows
from resolvers.rows import Kind, Listed, MappedRow
from store.assignments import assignments_by_ids
from store.records import AssignmentRecord
from store.tables import ASSIGNMENTS, Found

__all__ = ["AssignmentRecord", "access_of_user", "by_id", "grants", "missing_steps", "seen_of_user"]

_SEEN: Final = Kind(ASSIGNMENTS, ("id", "program", "role", "school_year"))
_MOST_OF_PAGE: Final = 100


async def by_id(asking: Asking, assignment: AssignmentId) -> AssignmentRecord | None:
    async def load(ids: Sequence[AssignmentId]) -> Mapping[AssignmentId, AssignmentRecord]:
        return await asking.reads.run(partial(assignments_by_ids, ids=ids, own=asking.own))

    return await batch_of(asking.batches, "assignments", load).get(assignment)


async def seen_of_user(asking: Asking, user: UserId, rule: AnyOf, most_pages: int = 1) -> list[MappedRow]:
    """The assignments of a user that the caller may see: id, program, role and year of each, past years included."""
    listed = Listed(Found.BY_KEY, "user_id", rule)
    found: list[MappedRow] = []
    after: str | None = None
    for _ in range(most_pages):
        page = (await rows.within(asking, _SEEN, listed, user, _MOST_OF_PAGE, after)).page
        found += page.rows
        if not page.has_next:
            break
        after = page.cursors[-1]
    return found


async def grants(asking: Asking, assignment: MappedRow) -> list[GrantRow]:
    """What the assignment gives now."""
    access = await people.access(asking, assignment["user_id"])
    mine = [grant for grant in (access.grants if access else ()) if grant.assignment == assignment.id]
    return grant_rows(mine, asking.systems)


async def missing_steps(asking: Asking, assignment: MappedRow) -> list[MissingStep]:
    access = await people.access(asking, assignment["user_id"])
    withheld = [one for one in (access.withheld if access else ()) if one.assignment.id == assignment.id]
    return sorted({step for one in withheld for step in one.missing})


async def access_of_user(asking: Asking, user: UserId, rule: AnyOf) -> list[GrantRow]:
    """What those assignments give that the caller may see."""
    access = await people.access(asking, user)
    seen = {one.id for one in await seen_of_user(asking, user, rule)}
    return grant_rows([one for one in (access.grants if access else ()) if one.assignment in seen], asking.systems)
