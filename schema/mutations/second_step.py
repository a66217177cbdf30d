"""Mutations about one's own second step: the authenticator app, recovery codes, known browsers."""

from __future__ import annotations

import strawberry

from policy.access import AccessTarget as Target
from resolvers.references import read_id
from resolvers.second_step import enroll, regenerate, remove
from resolvers.second_step.enroll import EnrolledRow
from resolvers.second_step.regenerate import RegeneratedRow
from resolvers.second_step.remove import ForgottenRow, RemovedTotpRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access, rule
from schema.mutations.shared import UserError, user_errors

OWN = access(rule(None, Target.SELF))
"""One's own, in one's own session."""


@strawberry.input
class EnrollTotpInput:
    code: str | None = strawberry.field(
        default=None, description="What the app shows. Left out, a secret is proposed, the same one for 15 minutes."
    )


@strawberry.input
class ForgetDeviceInput:
    device: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class EnrollTotpPayload:
    secret: str | None = strawberry.field(description="Base32, to be typed into an app. Only without a code.")
    address: str | None = strawberry.field(description="The `otpauth` address of a QR code. Only without a code.")
    enrolled: bool | None = strawberry.field(description="Whether the app counts from now on.")
    recovery_codes: list[str] | None = strawberry.field(
        description="Ten codes that are good once each; shown here alone. Null: there are some from before."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RecoveryCodesPayload:
    recovery_codes: list[str] | None = strawberry.field(description="They take the place of all before.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RemoveTotpPayload:
    removed: bool
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class ForgetDevicePayload:
    forgotten: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


async def _enroll(info: Info, input: EnrollTotpInput) -> EnrolledRow:
    return await enroll.carry_out(info.context, input.code, rule_of_rows(info))


async def _regenerate(info: Info) -> RegeneratedRow:
    return await regenerate.carry_out(info.context, rule_of_rows(info))


async def _remove(info: Info) -> RemovedTotpRow:
    return await remove.remove(info.context, rule_of_rows(info))


async def _forget(info: Info, input: ForgetDeviceInput) -> ForgottenRow:
    return await remove.forget(info.context, read_id(input.device), rule_of_rows(info))


@strawberry.type
class SecondStepMutations:
    enroll_totp: EnrollTotpPayload | None = answered(
        _enroll,
        OWN,
        description="Sets an authenticator app up, or another one in its place. Needs a sign-in of the last ten "
        "minutes, with the second step where there is one.",
    )
    regenerate_recovery_codes: RecoveryCodesPayload | None = answered(
        _regenerate, OWN, description="Needs a sign-in of the last ten minutes, with the second step."
    )
    remove_totp: RemoveTotpPayload | None = answered(
        _remove, OWN, description="Not the last factor of somebody whose role asks for a second step."
    )
    forget_device: ForgetDevicePayload | None = answered(
        _forget, OWN, description="A browser in which she signed in isn't known any more."
    )
