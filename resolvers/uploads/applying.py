"""Applies a file that was validated: judged once more under locks, then everything in one transaction, or nothing."""

from resolvers.uploads.judging import judged_plan
from resolvers.uploads.place import Told, Workplace
from resolvers.uploads.sender import Acting, acting, still_the_same
from store.access_version import hold_version
from store.connection import Connection
from store.upload_changes import Applied, apply_rows, lock_told, lock_what_is_named, tell_of_rows
from store.upload_rows import count_rows
from store.uploads import UploadRecord, UploadState, move_upload

_CHANGED = (
    "Since the file was validated something that it is about has changed, so nothing was applied and it was validated "
    "anew: see the report and apply it again."
)
_LOST = "The server was interrupted, so the file was validated anew: see the report and apply it again."


class SenderChangedError(Exception):
    """Whoever sends the file got or lost access at this very moment: the work begins anew."""


async def apply(connection: Connection, upload: UploadRecord, at: Workplace, told: Told) -> UploadState:
    """Inside the transaction that holds the file. The state in which it is then: APPLIED or, where what validation
    found isn't so any more, VALIDATING, with nothing applied. Raises SenderChangedError, ConflictError.
    """
    staged = await count_rows(connection, upload.id)
    if not staged:
        return await _anew(connection, upload, at, _LOST)
    told("Comparing", 0, staged)
    await lock_what_is_named(connection, upload.id)
    who = await acting(connection, upload, at.packs, at.years, at.today, at.permissions)
    if who is None:
        return await _anew(connection, upload, at, _CHANGED)
    plan = await judged_plan(connection, upload, who, at, upload.as_of)
    if plan.digest != upload.plan:
        return await _anew(connection, upload, at, _CHANGED)
    applied = Applied(upload.id, plan.judged, at.now)
    told("Applying", 0, staged)
    await apply_rows(connection, applied)
    await move_upload(connection, upload.id, UploadState.APPLIED, at.now, upload.notes)
    told("Applying", staged, staged)
    if applied.changing:
        await _tell(connection, upload, applied, who)
    return UploadState.APPLIED


async def _tell(connection: Connection, upload: UploadRecord, applied: Applied, who: Acting) -> None:
    """While the work waited for locks, the sender's own role may have been taken: from here on that waits too."""
    concerned = await lock_told(connection, applied)
    await hold_version(connection)
    if not await still_the_same(connection, upload, who):
        raise SenderChangedError
    await tell_of_rows(connection, concerned)


async def _anew(connection: Connection, upload: UploadRecord, at: Workplace, note: str) -> UploadState:
    await move_upload(connection, upload.id, UploadState.VALIDATING, at.now, (note,))
    return UploadState.VALIDATING
