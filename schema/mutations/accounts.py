"""Mutations about a person's account: her data and address, suspension, deletion, resets and invitations."""

from __future__ import annotations

import strawberry

from resolvers import (
    deactivate_user,
    delete_user,
    reactivate_user,
    request_email_change,
    resend_invitation,
    reset_password,
    reset_second_factors,
    update_user,
)
from resolvers.deactivate_user import DeactivateRow
from resolvers.delete_user import DeleteUserAsked, DeleteUserRow
from resolvers.person_changes import UserRow
from resolvers.reactivate_user import ReactivateRow
from resolvers.references import read_id
from resolvers.request_email_change import EmailChangeAsked
from resolvers.update_user import UpdateUserAsked
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, any_of
from schema.mapped import row_of
from schema.mutations.shared import UserError, user_errors
from schema.rules import (
    CHANGE_ADDRESS,
    EDIT_PERSON,
    GIVE_ROLES,
    HELP_WITH_ACCOUNTS,
    LIFT_SUSPENSIONS,
    MANAGE_ACCOUNTS,
    SIGHT,
)
from schema.users import User


@strawberry.input
class UpdateUserInput:
    user: strawberry.ID
    first_name: str | None = strawberry.UNSET
    last_name: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    fax: str | None = strawberry.UNSET
    expected_version: int

    def read(self) -> UpdateUserAsked:
        typed = {name: getattr(self, name) for name in ("first_name", "last_name", "phone", "fax")}
        given = {name: (value or "").strip() or None for name, value in typed.items() if value is not strawberry.UNSET}
        return UpdateUserAsked(read_id(self.user), given, self.expected_version)


@strawberry.input
class RequestEmailChangeInput:
    user: strawberry.ID
    email: str
    expected_version: int

    def read(self) -> EmailChangeAsked:
        return EmailChangeAsked(read_id(self.user), self.email.strip(), self.expected_version)


@strawberry.input
class DeactivateUserInput:
    user: strawberry.ID
    comment: str | None = strawberry.UNSET


@strawberry.input
class UserInput:
    user: strawberry.ID


@strawberry.input
class DeleteUserInput:
    user: strawberry.ID
    reason: str | None = strawberry.UNSET
    expected_version: int

    def read(self) -> DeleteUserAsked:
        return DeleteUserAsked(read_id(self.user), self.expected_version, (self.reason or "").strip() or None)


@strawberry.type(directives=[PUBLIC])
class UserPayload:
    user: User | None = row_of("user")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class DeactivateUserPayload:
    user: User | None = row_of("user")
    whole_account: bool | None = strawberry.field(
        description="False: the caller doesn't manage all of her roles, and those within reach were suspended."
    )
    suspended: list[strawberry.ID]
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class ReactivateUserPayload:
    user: User | None = row_of("user")
    still_suspended: bool | None = strawberry.field(description="Whether something is left that others suspended.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class DeleteUserPayload:
    deleted: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


async def _update(info: Info, input: UpdateUserInput) -> UserRow:
    return await update_user.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _change_email(info: Info, input: RequestEmailChangeInput) -> UserRow:
    return await request_email_change.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _deactivate(info: Info, input: DeactivateUserInput) -> DeactivateRow:
    rules = rule_of_rows(info), any_of(MANAGE_ACCOUNTS)
    return await deactivate_user.carry_out(info.context, read_id(input.user), input.comment or None, rules, SIGHT)


async def _reactivate(info: Info, input: UserInput) -> ReactivateRow:
    return await reactivate_user.carry_out(info.context, read_id(input.user), rule_of_rows(info), SIGHT)


async def _delete(info: Info, input: DeleteUserInput) -> DeleteUserRow:
    return await delete_user.carry_out(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _reset(info: Info, input: UserInput) -> UserRow:
    return await reset_password.carry_out(info.context, read_id(input.user), rule_of_rows(info), SIGHT)


async def _reset_factors(info: Info, input: UserInput) -> UserRow:
    return await reset_second_factors.carry_out(info.context, read_id(input.user), rule_of_rows(info), SIGHT)


async def _resend(info: Info, input: UserInput) -> UserRow:
    return await resend_invitation.carry_out(info.context, read_id(input.user), rule_of_rows(info), SIGHT)


@strawberry.type
class AccountMutations:
    update_user: UserPayload | None = answered(
        _update,
        EDIT_PERSON,
        description="Name, phone and fax of a person whose every role the caller manages; one's own phone and fax.",
    )
    request_email_change: UserPayload | None = answered(
        _change_email,
        CHANGE_ADDRESS,
        description="One's own: confirmed from both addresses. Another's, who has lost the old one: confirmed from the "
        "new one, the old one is told, and it takes effect after 24 hours.",
    )
    deactivate_user: DeactivateUserPayload | None = answered(
        _deactivate, GIVE_ROLES, description="Suspends the account, or the roles within the caller's reach."
    )
    reactivate_user: ReactivateUserPayload | None = answered(
        _reactivate, LIFT_SUSPENSIONS, description="Lifts what the caller suspended, or somebody below her."
    )
    delete_user: DeleteUserPayload | None = answered(
        _delete, MANAGE_ACCOUNTS, description="Ends the account and its roles; the id never returns."
    )
    reset_password: UserPayload | None = answered(
        _reset,
        HELP_WITH_ACCOUNTS,
        description="Sends a link of 15 minutes; the present password and all sessions end. Makes an inactive account "
        "active, never a suspended one.",
    )
    reset_second_factors: UserPayload | None = answered(
        _reset_factors,
        HELP_WITH_ACCOUNTS,
        description="For somebody who lost every second step. The address on file confirms it; it takes effect after "
        "24 hours, ends all sessions, and leaves the password as it is. Needs a sign-in of the last ten minutes.",
    )
    resend_invitation: UserPayload | None = answered(
        _resend, HELP_WITH_ACCOUNTS, description="A new link of 30 days; the one before can't be used any more."
    )
