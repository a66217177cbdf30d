"""Mutations of the state's own staff: state roles, overrides, exports, erasure, and second confirmations."""

from __future__ import annotations

from datetime import date

import strawberry

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from resolvers import confirmations, overrides, privacy, release_address, state_roles
from resolvers.confirmations import AskedRow, ConfirmationKind, DecidedRow
from resolvers.overrides import EndedRow, OverrideAsked, OverrideRow
from resolvers.privacy import ExportRow
from resolvers.references import read_id
from resolvers.release_address import ReleasedRow
from resolvers.state_roles import ConfirmedRow, StateRoleAsked
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mutations.shared import UserError, user_errors
from schema.rules import SIGHT
from schema.state_rules import CONFIRM, CONFIRM_KINDS, HELP_DESK, KEEP_PRIVACY, RUN_STATE
from schema.words import Permission, Reach

_WORKS = {
    ConfirmationKind.GRANT_STATE_ROLE: state_roles.carry_out_grant,
    ConfirmationKind.REMOVE_STATE_ROLE: state_roles.carry_out_removal,
    ConfirmationKind.ERASE_PERSON: privacy.carry_out_erasure,
    ConfirmationKind.CELL_OVERRIDE: overrides.carry_out_override,
}


@strawberry.input
class StateRoleInput:
    user: strawberry.ID
    role: str = strawberry.field(description="A role of the state's own pack: help-desk.")
    reason: str | None = strawberry.UNSET

    def read(self) -> StateRoleAsked:
        return StateRoleAsked(read_id(self.user), RoleSlug(self.role), (self.reason or "").strip() or None)


@strawberry.input
class ConfirmStateRoleInput:
    assignment: strawberry.ID


@strawberry.input
class ErasePersonInput:
    user: strawberry.ID
    reason: str


@strawberry.input
class ExportPersonalDataInput:
    user: strawberry.ID


@strawberry.input
class RequestInput:
    request: strawberry.ID


@strawberry.input
class ReleaseAddressInput:
    email: str


@strawberry.input(description="What a role is given of one permission for some days.")
class CellOverrideInput:
    program: str
    school_year: str = strawberry.field(description="Of the pack's version that is meant.")
    role: str
    permission: Permission
    reach: Reach | None = strawberry.field(default=None, description="Null: the permission isn't given.")
    assessments: list[str] = strawberry.field(default_factory=list[str])
    reports: list[str] = strawberry.field(default_factory=list[str])
    first_day: date
    last_day: date
    basis: str = strawberry.field(description="The decision that it follows.")

    def read(self) -> OverrideAsked:
        return OverrideAsked(
            ProgramCode(self.program), SchoolYear(self.school_year), RoleSlug(self.role), self.permission, self.reach,
            frozenset(self.assessments), frozenset(self.reports), self.first_day, self.last_day, self.basis,
        )  # fmt: skip


@strawberry.input
class EndCellOverrideInput:
    override: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class RequestPayload:
    request: strawberry.ID | None = strawberry.field(description="What a second person confirms within seven days.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class DecideRequestPayload:
    decided: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class ConfirmStateRolePayload:
    confirmed: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class ExportPersonalDataPayload:
    document: str | None = strawberry.field(description="One JSON object: by section what is kept.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class ReleaseAddressPayload:
    released: bool | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class CellOverridePayload:
    override: strawberry.ID | None = strawberry.field(description="Null while a second person has to confirm it.")
    request: strawberry.ID | None = strawberry.field(description="It gives more than the source: what is confirmed.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class EndCellOverridePayload:
    ended: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


async def _grant(info: Info, input: StateRoleInput) -> AskedRow:
    return await state_roles.grant(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _remove(info: Info, input: StateRoleInput) -> AskedRow:
    return await state_roles.remove(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _confirm_role(info: Info, input: ConfirmStateRoleInput) -> ConfirmedRow:
    return await state_roles.confirm(info.context, read_id(input.assignment), rule_of_rows(info))


async def _export(info: Info, input: ExportPersonalDataInput) -> ExportRow:
    return await privacy.export(info.context, read_id(input.user), rule_of_rows(info), SIGHT)


async def _erase(info: Info, input: ErasePersonInput) -> AskedRow:
    return await privacy.erase(info.context, read_id(input.user), input.reason, rule_of_rows(info), SIGHT)


async def _set_override(info: Info, input: CellOverrideInput) -> OverrideRow:
    return await overrides.set_override(info.context, input.read(), rule_of_rows(info))


async def _end_override(info: Info, input: EndCellOverrideInput) -> EndedRow:
    return await overrides.end(info.context, read_id(input.override), rule_of_rows(info))


async def _release(info: Info, input: ReleaseAddressInput) -> ReleasedRow:
    return await release_address.release(info.context, input.email.strip(), rule_of_rows(info))


async def _confirm(info: Info, input: RequestInput) -> DecidedRow:
    request = read_id(input.request)
    return await confirmations.confirm(info.context, request, rule_of_rows(info), CONFIRM_KINDS, _WORKS)


async def _withdraw(info: Info, input: RequestInput) -> DecidedRow:
    return await confirmations.withdraw(info.context, read_id(input.request), rule_of_rows(info), CONFIRM_KINDS)


@strawberry.type
class StateMutations:
    grant_state_role: RequestPayload | None = answered(
        _grant, RUN_STATE, description="Asks for one of the state's own roles; another administrator confirms it."
    )
    remove_state_role: RequestPayload | None = answered(
        _remove, RUN_STATE, description="Asks to take it away; another administrator confirms it. The last one stays."
    )
    confirm_state_role: ConfirmStateRolePayload | None = answered(
        _confirm_role, RUN_STATE, description="That somebody else still needs it: due every twelve months."
    )
    set_cell_override: CellOverridePayload | None = answered(
        _set_override,
        RUN_STATE,
        description="What a role is given of one permission from the first day to the last. A second person confirms "
        "what gives more than the source.",
    )
    end_cell_override: EndCellOverridePayload | None = answered(
        _end_override, RUN_STATE, description="The cell counts as its source has it, from this moment on."
    )
    export_personal_data: ExportPersonalDataPayload | None = answered(
        _export, KEEP_PRIVACY, description="All that is kept of one person. Needs a recent sign-in; audited."
    )
    erase_person: RequestPayload | None = answered(
        _erase, KEEP_PRIVACY, description="Asks to erase one person for good; another privacy officer confirms it."
    )
    release_address: ReleaseAddressPayload | None = answered(
        _release, HELP_DESK, description="Lets anybody have an address that somebody else had less than 24 months ago."
    )
    confirm_request: DecideRequestPayload | None = answered(
        _confirm, CONFIRM, description="By somebody else than who asked and whom it concerns. Needs a recent sign-in."
    )
    withdraw_request: DecideRequestPayload | None = answered(
        _withdraw, CONFIRM, description="What was asked for is not carried out."
    )
