"""Role assignments: who holds which role where, what it gives and what still stands between."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import strawberry

from policy.ids import AssignmentId, ProgramCode, RoleSlug, SchoolYear
from policy.reasons import MissingStep as Step
from resolvers import assignments, programs, suspensions
from resolvers.asking import Asking
from resolvers.grants import GrantRow
from resolvers.programs import ProgramRow, RoleRow
from resolvers.rows import MappedRow
from resolvers.suspensions import SuspensionRow
from schema.asked import Info, answered
from schema.directives import PUBLIC
from schema.mapped import column, computed, points_to, row_of
from schema.node import Node
from schema.programs import Program, Role
from schema.rules import SEE_ASSIGNMENT, SEE_ASSIGNMENT_DETAILS, SEE_ROLE_SUSPENSION
from schema.suspensions import Suspension
from schema.words import AssignmentStatus, Permission, Reach, StepKind
from store.tables import ASSIGNMENTS

if TYPE_CHECKING:
    from schema.organizations import Organization
    from schema.users import User

Source: TypeAlias = strawberry.Parent[MappedRow]


def _program_at(asking: Asking, program: ProgramCode, school_year: SchoolYear) -> ProgramRow | None:
    return programs.at(asking, program, school_year or None)


def _role_at(asking: Asking, program: ProgramCode, role: RoleSlug, school_year: SchoolYear) -> RoleRow | None:
    return programs.role(asking, program, role, school_year or None)


def _year_of(_asking: Asking, school_year: SchoolYear) -> SchoolYear | None:
    return school_year or None


async def _missing_steps(root: Source, info: Info) -> list[Step]:
    return await assignments.missing_steps(info.context, root)


async def _grants(root: Source, info: Info) -> list[GrantRow]:
    return await assignments.grants(info.context, root)


async def _basis(root: Source, info: Info) -> list[str]:
    return sorted({grant.basis for grant in await assignments.grants(info.context, root)})


async def _suspension(root: Source, info: Info) -> SuspensionRow | None:
    return await suspensions.of_assignment(info.context, root["user_id"], AssignmentId(root.id))


@strawberry.type(directives=[PUBLIC], description="One thing to be done before a role gives access.")
class MissingStep:
    kind: StepKind | None
    name: str | None = strawberry.field(description="Which form; empty for other steps.")


@strawberry.type(
    directives=[PUBLIC],
    description="One permission that an assignment gives. It is reached through guarded fields only.",
)
class Grant:
    program: str | None
    school_year: str | None
    permission: Permission | None
    reach: Reach | None
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = row_of("organization_id")
    assessments: list[str] | None
    reports: list[str] | None = strawberry.field(description="Empty: all that the system has at this reach.")
    student_groups: list[strawberry.ID] | None
    role: str | None
    basis: str | None


@strawberry.type(
    directives=[SEE_ASSIGNMENT],
    description="A role held at an organization in one school year: the only source of access.",
)
class RoleAssignment(Node):
    table: ClassVar = ASSIGNMENTS
    id: strawberry.ID = column("id")
    user: Annotated[User, strawberry.lazy("schema.users")] | None = points_to("user_id")
    program: Program | None = computed(("program", "school_year"), _program_at)
    role: Role | None = computed(("program", "role", "school_year"), _role_at)
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = points_to("organization_id")
    school_year: str | None = computed(
        ("school_year",), _year_of, description="Null for roles that aren't tied to a year."
    )
    status: AssignmentStatus | None = column("status")
    primary: bool | None = column("primary")
    last_day: date | None = column("last_day")
    assigned_at: datetime | None = column("assigned_at", SEE_ASSIGNMENT_DETAILS)
    assigned_by: Annotated[User, strawberry.lazy("schema.users")] | None = points_to(
        "assigned_by", SEE_ASSIGNMENT_DETAILS, description="Null also where it follows from the directory."
    )
    assigned_under: str | None = column(
        "assigned_under", SEE_ASSIGNMENT_DETAILS, description="The role under which the giver acted."
    )
    version: int | None = column("version", SEE_ASSIGNMENT_DETAILS, description="For `expectedVersion`.")
    suspension: Suspension | None = answered(_suspension, SEE_ROLE_SUSPENSION, unmapped=True)
    missing_steps: list[MissingStep] | None = answered(_missing_steps, SEE_ASSIGNMENT_DETAILS, size=5, unmapped=True)
    basis: list[str] | None = answered(
        _basis, description="The source tables and rules that its grants rest on.", unmapped=True
    )
    grants: list[Grant] | None = answered(
        _grants, description="What it gives now; empty while steps are missing.", size=60, unmapped=True
    )
