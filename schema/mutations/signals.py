"""Mutations about streams of security events; a receiver makes its own over HTTP."""

from __future__ import annotations

import strawberry

from resolvers import signals
from resolvers.references import read_id
from resolvers.signals import SignalStreamDeletedRow, SignalStreamRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mutations.shared import UserError, user_errors
from schema.signals import SEE_SIGNALS, SignalStream
from schema.words import SignalStreamStatus


@strawberry.input
class SetSignalStreamStatusInput:
    stream: strawberry.ID
    status: SignalStreamStatus
    reason: str = strawberry.field(description="The receiver is told it: nothing about a person.")


@strawberry.type(directives=[PUBLIC])
class SignalStreamPayload:
    stream: SignalStream | None
    user_errors: list[UserError] = user_errors()


@strawberry.input
class DeleteSignalStreamInput:
    stream: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class DeleteSignalStreamPayload:
    deleted: bool | None
    user_errors: list[UserError] = user_errors()


async def _set(info: Info, input: SetSignalStreamStatusInput) -> SignalStreamRow:
    return await signals.set_to(
        info.context, read_id(input.stream), input.status, input.reason.strip(), rule_of_rows(info)
    )


async def _delete(info: Info, input: DeleteSignalStreamInput) -> SignalStreamDeletedRow:
    return await signals.delete(info.context, read_id(input.stream), rule_of_rows(info))


@strawberry.type
class SignalMutations:
    set_signal_stream_status: SignalStreamPayload | None = answered(
        _set, SEE_SIGNALS, description="Stops a stream or begins it again; its receiver is told, and can't undo a stop."
    )
    delete_signal_stream: DeleteSignalStreamPayload | None = answered(
        _delete, SEE_SIGNALS, description="With everything that waits. The receiver may make another one."
    )
