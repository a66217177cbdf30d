"""Mutations of single organizations: moved, closed, merged, reopened, renamed and recoded."""

from __future__ import annotations

import strawberry

from resolvers import organization_changes
from resolvers.organization_changes import OrganizationAsked, OrganizationRow
from resolvers.references import read_id
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mapped import row_of
from schema.mutations.shared import UserError, user_errors
from schema.organizations import Organization
from schema.rules import CHANGE_DIRECTORY, SIGHT


@strawberry.input
class MoveOrganizationInput:
    organization: strawberry.ID
    to: strawberry.ID = strawberry.field(description="The LEA in which the school lies from now on.")
    expected_version: int
    reason: str | None = strawberry.UNSET

    def read(self) -> OrganizationAsked:
        return OrganizationAsked(
            read_id(self.organization), self.expected_version, read_id(self.to), by_other=True,
            reason=self.reason or None,
        )  # fmt: skip


@strawberry.input
class CloseOrganizationInput:
    organization: strawberry.ID
    expected_version: int
    merged_into: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Its people are listed for that one; no role is copied."
    )
    reason: str | None = strawberry.UNSET

    def read(self) -> OrganizationAsked:
        return OrganizationAsked(
            read_id(self.organization), self.expected_version, read_id(self.merged_into) if self.merged_into else None,
            by_other=bool(self.merged_into), reason=self.reason or None,
        )  # fmt: skip


@strawberry.input
class ReopenOrganizationInput:
    organization: strawberry.ID
    expected_version: int
    reason: str | None = strawberry.UNSET

    def read(self) -> OrganizationAsked:
        return OrganizationAsked(read_id(self.organization), self.expected_version, reason=self.reason or None)


@strawberry.input
class RenameOrganizationInput:
    organization: strawberry.ID
    expected_version: int
    name: str | None = strawberry.UNSET
    code: str | None = strawberry.UNSET
    reason: str | None = strawberry.UNSET

    def read(self) -> OrganizationAsked:
        return OrganizationAsked(
            read_id(self.organization), self.expected_version, name=(self.name or "").strip() or None,
            code=(self.code or "").strip() or None, reason=self.reason or None,
        )  # fmt: skip


@strawberry.type(directives=[PUBLIC])
class OrganizationPayload:
    organization: Organization | None = row_of("organization")
    user_errors: list[UserError] = user_errors()


async def _move(info: Info, input: MoveOrganizationInput) -> OrganizationRow:
    return await organization_changes.move(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _close(info: Info, input: CloseOrganizationInput) -> OrganizationRow:
    return await organization_changes.close(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _reopen(info: Info, input: ReopenOrganizationInput) -> OrganizationRow:
    return await organization_changes.reopen(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _rename(info: Info, input: RenameOrganizationInput) -> OrganizationRow:
    return await organization_changes.rename(info.context, input.read(), rule_of_rows(info), SIGHT)


@strawberry.type
class OrganizationMutations:
    move_organization: OrganizationPayload | None = answered(
        _move, CHANGE_DIRECTORY, description="A school lies in another LEA, with its assignments and student groups."
    )
    close_organization: OrganizationPayload | None = answered(
        _close, CHANGE_DIRECTORY, description="What is held there gives nothing until it is reopened."
    )
    reopen_organization: OrganizationPayload | None = answered(
        _reopen, CHANGE_DIRECTORY, description="What is held there counts again."
    )
    rename_organization: OrganizationPayload | None = answered(
        _rename, CHANGE_DIRECTORY, description="Another name or code under the same id; codes keep their days."
    )
