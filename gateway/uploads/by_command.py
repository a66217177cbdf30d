"""A file sent and worked on by a command: in this process, or followed where a gateway took it up first."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from gateway.asking_as import Voice
from gateway.commands.context import CommandRefusedError
from gateway.state import Gateway
from gateway.uploads.formats import user_formats
from gateway.uploads.working import UploadFailedError, work_on
from policy.access import may_ever
from policy.ids import ProgramCode, SchoolYear
from policy.upload_kinds import UploadState
from resolvers.uploads.applying import SenderChangedError
from resolvers.uploads.place import Told
from resolvers.uploads.receiving import IncomingFile, TooLargeError
from schema.directives import any_of
from schema.rules import SEND_FILES
from store.audit import AuditEvent, Outcome, record
from store.people import load_years
from store.recipients import ConflictError, DeadlockError
from store.uploads import NewUpload, Sender, UploadRecord, lock_upload, move_upload, read_progress, upload_by_id

_WORKED_ON: Final = frozenset({UploadState.VALIDATING, UploadState.APPLYING})
_LOOK_SECONDS: Final = 0.5
_READ_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class FileGiven:
    """What is sent, as it was typed; `year` empty: the program's current one."""

    path: Path
    format: str
    program: ProgramCode
    year: str


async def send_file(gateway: Gateway, voice: Voice, given: FileGiven, told: Callable[[int, int], None]) -> UUID:
    """The file is in. Raises CommandRefusedError for whoever may not, and for an unknown format, program or year."""
    if not may_ever(voice.caller, any_of(SEND_FILES)):
        await _audit(gateway, voice, "uploadFile", "new", Outcome.DENIED)
        raise CommandRefusedError("None of the roles of that person allows sending files of people.")
    format_ = user_formats().get(given.format)
    if format_ is None or (format_.programs and given.program not in format_.programs):
        known = ", ".join(f"{one.code} ({' '.join(one.programs) or 'any program'})" for one in user_formats().values())
        raise CommandRefusedError(f"Name a format, and a program that takes it: {known}.")
    async with gateway.pool.acquire() as connection:
        year = given.year or (await load_years(connection)).current.get(given.program)
    if year is None:
        raise CommandRefusedError(f"The program {given.program} has no current school year.")
    new = NewUpload(
        gateway.new_id(), format_.code, given.program, SchoolYear(year), given.path.name,
        Sender(voice.person, None, voice.reason), gateway.now(),
    )  # fmt: skip
    file = IncomingFile(gateway.pool, new)
    await file.begin()
    try:
        await _write(file, given.path, told)
    except (OSError, TooLargeError) as error:
        await file.abandon()
        raise CommandRefusedError(f"{given.path}: {error}") from error
    await file.finish()
    await _audit(gateway, voice, "uploadFile", str(file.id), Outcome.ALLOWED)
    return file.id


async def carry_on(gateway: Gateway, voice: Voice, upload: UUID, state: UploadState, told: Told) -> UploadRecord:
    """The file after that step, done to its end. Raises CommandRefusedError where it can't be."""
    async with gateway.pool.acquire() as connection, connection.transaction():
        if await lock_upload(connection, upload) is None:
            raise CommandRefusedError("Another process works on this file at the moment.")
        await move_upload(connection, upload, state, gateway.now())
    actions = {UploadState.VALIDATING: "validateUserUpload", UploadState.APPLYING: "applyUserUpload"}
    await _audit(gateway, voice, actions.get(state, "cancelUpload"), str(upload), Outcome.ALLOWED)
    while True:
        try:
            done = await work_on(gateway, upload, told) if state in _WORKED_ON else state
        except (SenderChangedError, ConflictError, DeadlockError):
            continue
        except UploadFailedError as error:
            raise CommandRefusedError(str(error)) from error
        if done is None:
            await _follow(gateway, upload, told)
        async with gateway.pool.acquire() as connection:
            found = await upload_by_id(connection, upload)
        if found is not None and found.state not in _WORKED_ON:
            return found


async def _follow(gateway: Gateway, upload: UUID, told: Told) -> None:
    """Another process has it: wait for its end."""
    while True:
        async with gateway.pool.acquire() as connection:
            found = (await read_progress(connection, (upload,)))[upload]
        if found.state not in _WORKED_ON:
            return
        told(found.phase, found.done, found.total)
        await asyncio.sleep(_LOOK_SECONDS)


async def _write(file: IncomingFile, path: Path, told: Callable[[int, int], None]) -> None:
    size, done = path.stat().st_size, 0  # noqa: ASYNC240 - a command waits for nothing else
    with path.open("rb") as source:
        while data := source.read(_READ_BYTES):
            await file.write(data)
            done += len(data)
            told(done, size)


async def _audit(gateway: Gateway, voice: Voice, action: str, upload: str, outcome: Outcome) -> None:
    reason = None if outcome is Outcome.ALLOWED else "no-assignment"
    event = AuditEvent(
        action, "upload", upload, outcome, actor=voice.person, operator_reason=voice.reason, reason=reason
    )
    async with gateway.pool.acquire() as connection:
        await record(connection, event)
