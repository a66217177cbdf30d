"""Student groups: rosters of an organization and year. Their students are never shown: none is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import strawberry

from resolvers import organizations
from resolvers.groups import StudentGroupRecord
from resolvers.organizations import OrganizationRecord
from schema.asked import Info, answered
from schema.mapping import PointedAt, column
from schema.node import Node, made_of
from schema.rules import SEE_GROUP
from store.tables import GROUPS

if TYPE_CHECKING:
    from schema.organizations import Organization

Source: TypeAlias = strawberry.Parent[StudentGroupRecord]


async def _organization(root: Source, info: Info) -> OrganizationRecord | None:
    return await organizations.by_id(info.context, root.organization_id)


@strawberry.type(directives=[SEE_GROUP], description="A roster: the students that somebody works with.")
class StudentGroup(Node):
    table: ClassVar = GROUPS
    is_type_of = made_of(StudentGroupRecord)
    id: strawberry.ID = column("id")
    name: str | None = column("name")
    school_year: str | None = column("school_year")
    subject_area: str | None = column("subject")
    student_count: int | None = column("student_count")
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = answered(
        _organization, mapped=PointedAt("organization_id")
    )
