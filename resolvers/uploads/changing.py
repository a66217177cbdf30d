"""validateUserUpload, applyUserUpload, cancelUpload: a file is handed to whoever works on files, or put away."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.access import AnyOf
from policy.second_step import lacks_level
from resolvers.asking import Asking
from resolvers.uploads.records import UploadRow, own_record, row_of_record
from resolvers.writing import Change, RefusedChangeError, Target, UserError, change
from store.connection import Connection
from store.upload_rows import forget_rows
from store.uploads import UploadRecord, UploadState, hold_mails, lock_upload, move_upload, upload_by_id

VALIDATE: Final = "validateUserUpload"
APPLY: Final = "applyUserUpload"
CANCEL: Final = "cancelUpload"
_STEPS: Final = {
    VALIDATE: (UploadState.VALIDATING, (UploadState.RECEIVED, UploadState.VALIDATED, UploadState.REFUSED)),
    APPLY: (UploadState.APPLYING, (UploadState.VALIDATED,)),
    CANCEL: (
        UploadState.CANCELLED,
        (UploadState.RECEIVED, UploadState.VALIDATING, UploadState.VALIDATED, UploadState.REFUSED),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UploadAsked:
    """`hold_mails_until`: the mails that applying the file causes are not sent before."""

    upload: UUID | None
    expected_version: int
    hold_mails_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class UploadChangedRow:
    upload: UploadRow | None
    user_errors: list[UserError]


async def carry_out(asking: Asking, action: str, asked: UploadAsked, rule: AnyOf) -> UploadChangedRow:
    """One step of a file. Raises RefusedError NOT_FOUND for a file that isn't the caller's."""
    making = change(asking, action, rule)
    record = await own_record(asking, asked.upload)
    try:
        done = await making.carry_out(
            Target("upload", str(record.id)), lambda connection: _step(making, connection, record.id, asked)
        )
    except RefusedChangeError as refused:
        return UploadChangedRow(None, refused.errors)
    return UploadChangedRow(row_of_record(done), [])


async def _step(making: Change, connection: Connection, upload: UUID, asked: UploadAsked) -> UploadRecord:
    record = await lock_upload(connection, upload)
    if record is None:
        raise _refused("upload", "BUSY", "The file is being worked on at this moment.", "Wait until that is done.")
    if record.version != asked.expected_version:
        raise _refused(
            "expectedVersion", "CHANGED", "The file has changed since you saw it.", "Reload it and decide again."
        )
    _check_sender(making, record)
    state, before = _STEPS[making.action]
    if record.state not in before:
        raise _refused("upload", "WRONG_STATE", f"The file is {record.state.value}.", f"It must be {_either(before)}.")
    if state is UploadState.CANCELLED:
        await forget_rows(connection, upload)
    if state is UploadState.APPLYING:
        await hold_mails(connection, upload, asked.hold_mails_until)
    notes = record.notes if state is UploadState.APPLYING else ()
    await move_upload(connection, upload, state, making.asking.clock.now, notes)
    await making.audit(
        connection, Target("upload", str(upload)), None,
        before={"state": record.state.value},
        after={
            "state": state.value, "format": record.format, "program": record.program,
            "school_year": record.school_year, "digest": record.digest.hex(), **dict(record.counts),
        },
    )  # fmt: skip
    found = await upload_by_id(connection, upload)
    assert found is not None  # noqa: S101 - it is locked
    return found


def _check_sender(making: Change, record: UploadRecord) -> None:
    """The work is done under the role that the file was sent in: no other session sets that off.

    Else one without a second step would apply what was sent in one that had it. Putting a file away is any session's.
    """
    sent, caller = record.sender.active, making.caller
    required = making.asking.accounts.second_step_required
    counts = sent in caller.roles if sent is not None else not lacks_level(caller.acr, required=required)
    if making.action != CANCEL and not counts:
        text = "The role under which the file was sent doesn't count in this session."
        raise _refused("upload", "ROLE", text, "Sign in with what that role asks for, or send the file anew.")


def _refused(field: str, code: str, message: str, remedy: str) -> RefusedChangeError:
    return RefusedChangeError([UserError(["input", field], code, None, message, remedy)])


def _either(states: Collection[UploadState]) -> str:
    return " or ".join(one.value for one in states)
