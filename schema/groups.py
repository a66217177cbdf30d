"""Student groups: rosters of an organization and year. Their students are never shown: none is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry

from schema.mapped import column, points_to
from schema.node import Node
from schema.rules import SEE_GROUP
from store.tables import GROUPS

if TYPE_CHECKING:
    from schema.organizations import Organization


@strawberry.type(directives=[SEE_GROUP], description="A roster: the students that somebody works with.")
class StudentGroup(Node):
    table: ClassVar = GROUPS
    id: strawberry.ID = column("id")
    name: str | None = column("name")
    school_year: str | None = column("school_year")
    subject_area: str | None = column("subject")
    student_count: int | None = column("student_count")
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = points_to("organization_id")
