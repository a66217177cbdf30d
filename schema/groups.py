"""Student groups: rosters of an organization and year. Their students are never shown: none is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import strawberry

from policy.access import AccessTarget as Target
from policy.ids import GroupId
from resolvers import groups
from resolvers.rows import MappedRow
from schema.asked import Info, answered
from schema.directives import access, rule
from schema.mapped import column, points_to, rows_shown
from schema.node import Node
from schema.rules import SEE_GROUP, STUDENT_GROUPS_MANAGE
from store.tables import GROUPS

if TYPE_CHECKING:
    from schema.organizations import Organization
    from schema.users import User

Source: TypeAlias = strawberry.Parent[MappedRow]
MANAGED = access(rule(STUDENT_GROUPS_MANAGE, Target.GROUP_ORGANIZATION))


async def _users(root: Source, info: Info) -> list[MappedRow]:
    return await rows_shown(info, await groups.users_of(info.context, GroupId(root.id)))


@strawberry.type(directives=[SEE_GROUP], description="A roster: the students that somebody works with.")
class StudentGroup(Node):
    table: ClassVar = GROUPS
    id: strawberry.ID = column("id")
    name: str | None = column("name")
    school_year: str | None = column("school_year")
    subject_area: str | None = column("subject")
    student_count: int | None = column("student_count")
    version: int | None = column("version", description="What an edit expects.")
    users: list[Annotated[User, strawberry.lazy("schema.users")]] | None = answered(
        _users, MANAGED, description="Whom it is assigned to, as far as the caller sees them.", size=20, unmapped=True
    )
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = points_to("organization_id")
