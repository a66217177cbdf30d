"""Mutations that make people and give or take their roles."""

from __future__ import annotations

from datetime import date

import strawberry

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from resolvers import assign_role, create_user, designate_primary, remove_roles, update_assignment
from resolvers.addresses import PersonTyped
from resolvers.assign_role import AssignRoleAsked, AssignRoleRow
from resolvers.create_user import CreateUserAsked, CreateUserRow
from resolvers.references import read_id
from resolvers.remove_roles import RemoveRolesAsked, RemoveRolesRow
from resolvers.targets import RoleTyped
from resolvers.update_assignment import UpdateAssignmentAsked
from schema.asked import Info, answered, rule_of_rows
from schema.assignments import RoleAssignment
from schema.directives import PUBLIC
from schema.mapped import row_of, rows_of
from schema.mutations.shared import RoleInput, UserError, user_errors
from schema.rules import GIVE_ROLES, SIGHT
from schema.users import User


@strawberry.input
class CreateUserInput:
    email: str
    first_name: str
    last_name: str
    phone: str | None = strawberry.UNSET
    fax: str | None = strawberry.UNSET
    roles: list[RoleInput]
    idempotency_key: str

    def read(self) -> CreateUserAsked:
        person = PersonTyped(
            self.email.strip(),
            self.first_name.strip(),
            self.last_name.strip(),
            (self.phone or "").strip() or None,
            (self.fax or "").strip() or None,
        )
        return CreateUserAsked(person, tuple(one.read() for one in self.roles), self.idempotency_key)


@strawberry.input
class AssignRoleInput:
    user: strawberry.ID
    program: str
    role: str
    organization: strawberry.ID
    school_year: str
    last_day: date | None = strawberry.UNSET
    idempotency_key: str

    def read(self) -> AssignRoleAsked:
        role = RoleTyped(
            ProgramCode(self.program),
            RoleSlug(self.role),
            read_id(self.organization),
            SchoolYear(self.school_year),
            self.last_day or None,
        )
        return AssignRoleAsked(read_id(self.user), role, self.idempotency_key)


@strawberry.input
class RemoveRolesInput:
    assignments: list[strawberry.ID]
    reason: str | None = strawberry.UNSET

    def read(self) -> RemoveRolesAsked:
        return RemoveRolesAsked(tuple(read_id(one) for one in self.assignments), self.reason or None)


@strawberry.input
class UpdateAssignmentInput:
    assignment: strawberry.ID
    last_day: date | None = strawberry.field(description="The last day on which it counts; null: the end of the year.")
    expected_version: int

    def read(self) -> UpdateAssignmentAsked:
        return UpdateAssignmentAsked(read_id(self.assignment), self.last_day, self.expected_version)


@strawberry.input
class DesignatePrimaryCoordinatorInput:
    assignment: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class CreateUserPayload:
    user: User | None = row_of("user")
    unapplied: list[str] = strawberry.field(
        description="Fields that differ from what the account with this address has, which stays as it is."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class AssignRolePayload:
    assignment: RoleAssignment | None = row_of("assignment")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RemoveRolesPayload:
    removed: list[strawberry.ID]
    users: list[User | None] | None = rows_of(
        "users", 20, description="Whose they were; null for whom one sees no more."
    )
    user_errors: list[UserError] = user_errors()


async def _create_user(info: Info, input: CreateUserInput) -> CreateUserRow:
    return await create_user.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _assign_role(info: Info, input: AssignRoleInput) -> AssignRoleRow:
    return await assign_role.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _remove_roles(info: Info, input: RemoveRolesInput) -> RemoveRolesRow:
    return await remove_roles.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _update_assignment(info: Info, input: UpdateAssignmentInput) -> AssignRoleRow:
    return await update_assignment.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _designate(info: Info, input: DesignatePrimaryCoordinatorInput) -> AssignRoleRow:
    return await designate_primary.carry_out(info.context, read_id(input.assignment), rule_of_rows(info), SIGHT)


@strawberry.type
class PeopleMutations:
    create_user: CreateUserPayload | None = answered(
        _create_user,
        GIVE_ROLES,
        description="An account with its first roles; an address that has an account gets the roles, nothing else.",
    )
    assign_role: AssignRolePayload | None = answered(_assign_role, GIVE_ROLES)
    remove_roles: RemoveRolesPayload | None = answered(
        _remove_roles, GIVE_ROLES, description="When a primary coordinator goes, the longest assigned one follows."
    )
    update_assignment: AssignRolePayload | None = answered(
        _update_assignment, GIVE_ROLES, description="Sets or takes away a role's last day."
    )
    designate_primary_coordinator: AssignRolePayload | None = answered(_designate, GIVE_ROLES)
