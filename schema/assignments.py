"""Role assignments: who holds which role where, what it gives and what still stands between."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import strawberry

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.reasons import MissingStep as Step
from resolvers import assignments, organizations, programs, users
from resolvers.asking import Asking
from resolvers.assignments import AssignmentRecord
from resolvers.grants import GrantRow
from resolvers.organizations import OrganizationRecord
from resolvers.programs import ProgramRow, RoleRow
from resolvers.users import UserRecord
from schema.asked import Info, answered
from schema.directives import PUBLIC
from schema.mapping import FromColumns, PointedAt, column
from schema.node import Node, made_of
from schema.programs import Program, Role
from schema.rules import SEE_ASSIGNMENT, SEE_ASSIGNMENT_DETAILS
from schema.words import AssignmentStatus, Permission, Reach, StepKind
from store.tables import ASSIGNMENTS

if TYPE_CHECKING:
    from schema.organizations import Organization
    from schema.users import User

Source: TypeAlias = strawberry.Parent[AssignmentRecord]


async def _user(root: Source, info: Info) -> UserRecord | None:
    return await users.by_id(info.context, root.user_id)


async def _organization(root: Source, info: Info) -> OrganizationRecord | None:
    return await organizations.by_id(info.context, root.organization_id)


async def _assigned_by(root: Source, info: Info) -> UserRecord | None:
    return await users.by_id(info.context, root.assigned_by) if root.assigned_by else None


def _program_at(asking: Asking, program: ProgramCode, school_year: SchoolYear) -> ProgramRow | None:
    return programs.at(asking, program, school_year or None)


def _role_at(asking: Asking, program: ProgramCode, role: RoleSlug, school_year: SchoolYear) -> RoleRow | None:
    return programs.role(asking, program, role, school_year or None)


def _year_of(_asking: Asking, school_year: SchoolYear) -> SchoolYear | None:
    return school_year or None


def _program(root: Source, info: Info) -> ProgramRow | None:
    return _program_at(info.context, root.program, root.school_year)


def _role(root: Source, info: Info) -> RoleRow | None:
    return _role_at(info.context, root.program, root.role, root.school_year)


def _school_year(root: Source, info: Info) -> str | None:
    return _year_of(info.context, root.school_year)


async def _missing_steps(root: Source, info: Info) -> list[Step]:
    return await assignments.missing_steps(info.context, root)


async def _grants(root: Source, info: Info) -> list[GrantRow]:
    return await assignments.grants(info.context, root)


async def _basis(root: Source, info: Info) -> list[str]:
    return sorted({grant.basis for grant in await assignments.grants(info.context, root)})


async def _grant_organization(root: strawberry.Parent[GrantRow], info: Info) -> OrganizationRecord | None:
    return await organizations.by_id(info.context, root.organization_id)


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
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = answered(
        _grant_organization
    )
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
    is_type_of = made_of(AssignmentRecord)
    id: strawberry.ID = column("id")
    user: Annotated[User, strawberry.lazy("schema.users")] | None = answered(_user, mapped=PointedAt("user_id"))
    program: Program | None = answered(_program, mapped=FromColumns(("program", "school_year"), _program_at))
    role: Role | None = answered(_role, mapped=FromColumns(("program", "role", "school_year"), _role_at))
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = answered(
        _organization, mapped=PointedAt("organization_id")
    )
    school_year: str | None = answered(
        _school_year,
        description="Null for roles that aren't tied to a year.",
        mapped=FromColumns(("school_year",), _year_of),
    )
    status: AssignmentStatus | None = column("status")
    primary: bool | None = column("primary")
    last_day: date | None = column("last_day")
    assigned_at: datetime | None = column("assigned_at", SEE_ASSIGNMENT_DETAILS)
    assigned_by: Annotated[User, strawberry.lazy("schema.users")] | None = answered(
        _assigned_by,
        SEE_ASSIGNMENT_DETAILS,
        description="Null also where it follows from the directory.",
        mapped=PointedAt("assigned_by"),
    )
    assigned_under: str | None = column(
        "assigned_under", SEE_ASSIGNMENT_DETAILS, description="The role under which the giver acted."
    )
    missing_steps: list[MissingStep] | None = answered(_missing_steps, SEE_ASSIGNMENT_DETAILS, size=5)
    basis: list[str] | None = answered(_basis, description="The source tables and rules that its grants rest on.")
    grants: list[Grant] | None = answered(
        _grants, description="What it gives now; empty while steps are missing.", size=60
    )
