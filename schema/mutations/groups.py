"""Mutations about student groups: made, renamed, given to people and deleted."""

from __future__ import annotations

import strawberry

from policy.access import AccessTarget as Target
from policy.ids import GroupId, SchoolYear
from resolvers import assign_group, student_groups
from resolvers.assign_group import AssignGroupAsked
from resolvers.references import read_id
from resolvers.student_groups import CreateGroupAsked, EditGroupAsked, GroupRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access, any_of, rule
from schema.groups import StudentGroup
from schema.mapped import row_of
from schema.mutations.shared import UserError, user_errors
from schema.rules import SEE_GROUP, SIGHT, STUDENT_GROUPS_MANAGE

MANAGE = access(rule(STUDENT_GROUPS_MANAGE, Target.GROUP_ORGANIZATION))


@strawberry.input
class CreateStudentGroupInput:
    organization: strawberry.ID
    school_year: str
    name: str
    subject_area: str | None = strawberry.UNSET
    idempotency_key: str

    def read(self) -> CreateGroupAsked:
        subject = (self.subject_area or "").strip()[:100] or None
        return CreateGroupAsked(
            read_id(self.organization), SchoolYear(self.school_year), self.name.strip(), subject, self.idempotency_key
        )


@strawberry.input
class RenameStudentGroupInput:
    group: strawberry.ID
    name: str
    expected_version: int

    def read(self) -> EditGroupAsked:
        return EditGroupAsked(read_id(self.group), self.expected_version, self.name.strip())


@strawberry.input
class DeleteStudentGroupInput:
    group: strawberry.ID
    expected_version: int

    def read(self) -> EditGroupAsked:
        return EditGroupAsked(read_id(self.group), self.expected_version)


@strawberry.input
class AssignStudentGroupInput:
    group: strawberry.ID
    users: list[strawberry.ID]
    assigned: bool = strawberry.field(default=True, description="False: the group is taken from them.")

    def read(self) -> AssignGroupAsked:
        return AssignGroupAsked(read_id(self.group), tuple(read_id(one) for one in self.users), self.assigned)


@strawberry.type(directives=[PUBLIC])
class StudentGroupPayload:
    group: StudentGroup | None = row_of("group")
    user_errors: list[UserError] = user_errors()


def _removed(root: strawberry.Parent[GroupRow]) -> GroupId | None:
    return root.group


@strawberry.type(directives=[PUBLIC])
class DeleteStudentGroupPayload:
    removed: strawberry.ID | None = answered(_removed)
    user_errors: list[UserError] = user_errors()


async def _create(info: Info, input: CreateStudentGroupInput) -> GroupRow:
    return await student_groups.create(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _rename(info: Info, input: RenameStudentGroupInput) -> GroupRow:
    return await student_groups.rename(info.context, input.read(), rule_of_rows(info), any_of(SEE_GROUP))


async def _delete(info: Info, input: DeleteStudentGroupInput) -> GroupRow:
    return await student_groups.delete(info.context, input.read(), rule_of_rows(info), any_of(SEE_GROUP))


async def _assign(info: Info, input: AssignStudentGroupInput) -> GroupRow:
    seen = any_of(SEE_GROUP)
    return await assign_group.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT, seen)


@strawberry.type
class GroupMutations:
    create_student_group: StudentGroupPayload | None = answered(_create, MANAGE)
    rename_student_group: StudentGroupPayload | None = answered(_rename, MANAGE)
    assign_student_group: StudentGroupPayload | None = answered(
        _assign, MANAGE, description="To people who hold a role there that works with student groups."
    )
    delete_student_group: DeleteStudentGroupPayload | None = answered(_delete, MANAGE)
