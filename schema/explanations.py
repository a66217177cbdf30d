"""Explanations: what led to a decision, what is missing and who could give it; each part guarded as everywhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from resolvers.givers import AssignerRow, WayRow
from schema.asked import answered
from schema.assignments import Grant, MissingStep, RoleAssignment
from schema.decisions import Decision
from schema.directives import PUBLIC
from schema.mapped import row_of, rows_of
from schema.programs import MatrixCell, Role
from schema.sizes import listed
from schema.words import AssignmentStatus, Gate, Level, Reason

if TYPE_CHECKING:
    from schema.organizations import Organization
    from schema.users import User

LazyUser: TypeAlias = Annotated["User", strawberry.lazy("schema.users")]


def _assignable_by(root: strawberry.Parent[WayRow]) -> list[AssignerRow]:
    return root.assignable_by


@strawberry.type(directives=[PUBLIC], description="One thing that stands between a role and the answer.")
class Stop:
    gate: Gate | None
    reason: Reason | None
    why: str | None = strawberry.field(description="What is so, in words.")
    remedy: str | None = strawberry.field(description="What would open it, and who can, in words.")
    missing: list[MissingStep] | None = listed(5)


@strawberry.type(
    directives=[PUBLIC], description="One grant of the permission that was looked at, and what became of it."
)
class Considered:
    grant: Grant | None
    outcome: Reason | None
    missing: list[MissingStep] | None = listed(5)
    stops: list[Stop] | None = listed(5, description="All that stands in the way; empty where it decides.")
    assignment: RoleAssignment | None = row_of(
        "assignment", description="The role that it comes from, and who gave it."
    )
    cell: MatrixCell | None = strawberry.field(description="The cell of the source that gives it.")


@strawberry.type(directives=[PUBLIC], description="A role as it is held, or was at the moment that is explained.")
class HeldRole:
    program: str | None
    role: str | None
    label: str | None
    school_year: str | None
    level: Level | None
    code: str | None
    organization_name: str | None
    status: AssignmentStatus | None
    primary: bool | None
    assigned_at: datetime | None
    last_day: date | None


@strawberry.type(directives=[PUBLIC], description="A role of hers, and what became of it.")
class ExplainedRole:
    assignment: RoleAssignment | None = row_of(
        "assignment", description="As it is today; null where it was taken away since."
    )
    held: HeldRole | None
    outcome: Reason | None
    stops: list[Stop] | None = listed(5, description="Why it doesn't help; empty where it decides.")
    cells: list[MatrixCell] | None = listed(3, description="The role's own cells of the rows that give the permission.")


@strawberry.type(directives=[PUBLIC], description="Something to be done before a role of hers gives access.")
class Remedy:
    gate: Gate | None
    what: str | None
    missing: list[MissingStep] | None = listed(5)
    by_herself: bool | None = strawberry.field(description="Nobody can do it for her.")
    assignment: RoleAssignment | None = row_of("assignment", description="The role that it is for.")
    roles: list[Role] | None = listed(10, description="The roles over that organization whose holders can do it.")
    people: list[LazyUser | None] | None = rows_of(
        "people", 5, description="Up to five who can, as far as the caller may see them."
    )


@strawberry.type(directives=[PUBLIC], description="A role whose holders may assign another.")
class Assigner:
    role: Role | None
    primary: bool | None = strawberry.field(description="Only its primary holder.")


@strawberry.type(directives=[PUBLIC], description="A role that would answer the question, were it given.")
class Way:
    role: Role | None
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = row_of(
        "organization_id",
        description="Where it would be held. Null where that is left open: the target isn't there, or isn't seen.",
    )
    school_year: str | None
    steps: list[MissingStep] | None = listed(5, description="What the role asks of everybody before it counts.")
    assignable_by: list[Assigner] | None = answered(_assignable_by, size=3)
    derived: str | None = strawberry.field(description="What decides who has the role where nobody assigns it.")
    people: list[LazyUser | None] | None = rows_of(
        "people", 5, description="Up to five who may assign it there, as far as the caller may see them."
    )


@strawberry.type(directives=[PUBLIC], description="The decision with everything that led to it.")
class Explanation:
    as_of: datetime | None = strawberry.field(description="The past moment that was asked about; null for now.")
    decision: Decision | None
    considered: list[Considered] | None = listed(50)
    passed_over: list[RoleAssignment | None] | None = rows_of(
        "passed_over", 20, description="Assignments that count but give nothing of the kind."
    )
    givers: list[Role] | None = listed(30, description="The roles that give it somewhere.")
    roles: list[ExplainedRole] | None = listed(
        20, description="Each of her roles that the caller may see, past ones too, and why it helps or doesn't."
    )
    remedies: list[Remedy] | None = listed(
        5, description="What is to be done, and by whom, where a role of hers needs nothing else."
    )
    ways: list[Way] | None = listed(
        20, description="The roles that would answer it, the narrowest first, and who may assign them."
    )
