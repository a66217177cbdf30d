"""Candidates of the decision API's searches: people by the roles that could reach a place, groups within a reach."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from policy.access import RowFilter
from policy.ids import GroupId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.reach import Visible
from store.composed import Parameters, fill
from store.connection import Connection
from store.reach import ReachedRows, with_clause


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role of one school year ('' where it is tied to none). `anywhere`: it reaches the whole state from wherever."""

    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear
    anywhere: bool = False


async def holders(
    connection: Connection,
    roles: Collection[RoleHeld],
    organizations: Collection[OrganizationId],
    people: Collection[UserId],
    after: UUID,
    limit: int,
) -> list[UserId]:
    """Up to `limit` people behind `after`, by id: who holds a role there or at the state, and those of `people`."""
    parameters = Parameters()
    rows = [
        {"program": one.program, "role": one.role, "school_year": one.school_year, "anywhere": one.anywhere}
        for one in roles
    ]
    text = fill(
        "decision_searches",
        "holders",
        roles=parameters.add(rows, "jsonb"),
        organizations=parameters.add(list(organizations), "uuid[]"),
        people=parameters.add(list(people), "uuid[]"),
        after=parameters.add(after, "uuid"),
        limit=parameters.add(limit, "int"),
    )
    return [row["user_id"] for row in await connection.fetch(text, *parameters.values)]


async def groups_within(connection: Connection, visible: Visible, after: UUID, limit: int) -> list[GroupId]:
    """Up to `limit` student groups behind `after`, by id, inside the reach."""
    parameters = Parameters()
    reached = ReachedRows(parameters, RowFilter(visible), None)
    condition = reached.group("g")
    parts = {
        "reached": condition,
        "after": parameters.add(after, "uuid"),
        "limit": parameters.add(limit, "int"),
    }
    shape = "groups_of_all"
    if all(one.lea is not None or one.organization is not None for one in visible.ranges):
        shape = "groups_of_reach"
        parts |= {
            "groups": parameters.add(sorted(visible.groups), "uuid[]"),
            "organizations": parameters.add([r.organization for r in visible.ranges if r.organization], "uuid[]"),
            "leas": parameters.add([one.lea for one in visible.ranges if one.lea], "uuid[]"),
        }
    text = fill("decision_searches", shape, **{"with": with_clause(*reached.ctes())}, **parts)
    return [row["id"] for row in await connection.fetch(text, *parameters.values)]
