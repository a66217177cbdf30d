"""Streams of security events as the state sees them; setSignalStreamStatus and deleteSignalStream."""

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from resolvers.asking import Asking
from resolvers.refusals import not_found
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.connection import Connection
from store.signal_events import put_in_order
from store.signal_status import StatusChange, change_status
from store.signal_streams import SetBy, Status, StreamReport, delete_stream, locked_stream, stream_reports

__all__ = ["SHOWN", "SignalStreamDeletedRow", "SignalStreamRow", "Status", "StreamReport", "delete", "listed", "set_to"]

SHOWN: Final = 100
_SET: Final = "setSignalStreamStatus"
_DELETE: Final = "deleteSignalStream"
_LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class SignalStreamRow:
    stream: StreamReport | None
    user_errors: list[UserError]


@dataclass(frozen=True, slots=True)
class SignalStreamDeletedRow:
    deleted: bool
    user_errors: list[UserError]


async def listed(asking: Asking) -> list[StreamReport]:
    """Every relying party's, by client id; with what waits and what went wrong."""
    return list((await asking.reads.run(stream_reports))[:SHOWN])


async def set_to(asking: Asking, stream: UUID | None, status: Status, reason: str, rule: AnyOf) -> SignalStreamRow:
    """What the state has stopped, its receiver doesn't begin again. Raises RefusedError NOT_FOUND."""
    making = change(asking, _SET, rule)
    found = await _found(asking, stream)
    try:
        await making.carry_out(Target("signal_stream", str(found.id)), partial(_set, making, found.id, status, reason))
    except RefusedChangeError as refused:
        return SignalStreamRow(None, refused.errors)
    return SignalStreamRow(await _found(asking, found.id), [])


async def delete(asking: Asking, stream: UUID | None, rule: AnyOf) -> SignalStreamDeletedRow:
    """With everything that waits. Raises RefusedError NOT_FOUND."""
    making = change(asking, _DELETE, rule)
    found = await _found(asking, stream)
    await making.carry_out(Target("signal_stream", str(found.id)), partial(_delete, making, found))
    return SignalStreamDeletedRow(deleted=True, user_errors=[])


async def _set(making: Change, stream: UUID, status: Status, reason: str, connection: Connection) -> None:
    await put_in_order(connection)
    found = await locked_stream(connection, stream)
    if found is None:
        raise _unknown()
    if found.status is status:
        text = f"This stream is {status.value} already."
        raise RefusedChangeError([UserError(["input", "status"], "NOTHING_CHANGES", None, text, None)])
    ids = making.asking.new_id(), making.asking.new_id()
    told = StatusChange(status, SetBy.ADMINISTRATOR, reason[:_LONGEST_REASON] or None, *ids)
    await change_status(connection, stream, told, making.asking.clock.now)
    await making.audit(
        connection, Target("signal_stream", str(stream)), None,
        before={"status": found.status.value, "client": found.client.client_id}, after={"status": status.value},
    )  # fmt: skip


async def _delete(making: Change, stream: StreamReport, connection: Connection) -> None:
    if not await delete_stream(connection, stream.id):
        raise _unknown()
    await making.audit(
        connection, Target("signal_stream", str(stream.id)), None, before={"client": stream.client_id}
    )  # fmt: skip


async def _found(asking: Asking, stream: UUID | None) -> StreamReport:
    for report in await asking.reads.run(stream_reports):
        if report.id == stream:
            return report
    raise _unknown()


def _unknown() -> Exception:
    return not_found("There is no such stream: look it up again.")
