"""Works on files that wait: one transaction for each, so that a killed process leaves nothing half done.

The transaction holds the file's row: as long as it lives nobody else works on the file, and when its process dies the
row is free and unchanged, and whoever looks next begins anew.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

from gateway.access_cache import today_of
from gateway.account_terms import account_terms
from gateway.background import in_background
from gateway.checks import CONNECTION_ERRORS
from gateway.logging import logger
from gateway.state import Gateway
from gateway.uploads.formats import user_formats
from resolvers.uploads.applying import SenderChangedError, apply
from resolvers.uploads.mailing import queue_some_mails
from resolvers.uploads.place import Told, Workplace
from resolvers.uploads.validating import validate
from schema.command_permissions import SEND_FILES
from store.access_version import read_epoch
from store.connection import Connection
from store.recipients import ConflictError, DeadlockError
from store.upload_rows import forget_rows
from store.uploads import (
    UploadRecord,
    UploadState,
    begin_attempt,
    end_progress,
    lock_next,
    lock_upload,
    move_upload,
    purge_unfinished,
    write_progress,
)

_log = logger("hallpass.uploads")
LOOK_SECONDS: Final = 1.0
_PROGRESS_SECONDS: Final = 0.5
_MOST_ATTEMPTS: Final = 5
_PURGE_SECONDS: Final = 3_600.0
_UNFINISHED: Final = timedelta(days=1)
_FAILED: Final = "The work on this file failed several times. Validate it again; if it fails again, report the file."


class UploadFailedError(Exception):
    """The work on a file didn't come to an end; its state is RECEIVED again and its note says so."""


async def work_on_uploads(gateway: Gateway) -> None:
    """Look for waiting files until cancelled."""
    purge_in = 0.0
    while True:
        try:
            while await work_on_next(gateway):
                pass
            if purge_in <= 0:
                purge_in = _PURGE_SECONDS
                async with gateway.pool.acquire() as connection:
                    await purge_unfinished(connection, gateway.now() - _UNFINISHED)
        except CONNECTION_ERRORS as error:
            _log.warning("files wait for the database", reason=type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)
        purge_in -= LOOK_SECONDS


async def work_on_next(gateway: Gateway) -> bool:
    """Work on the file that waits longest; False: none waits."""
    async with gateway.pool.acquire() as connection:
        if await queue_some_mails(connection):
            return True
        async with connection.transaction():
            waiting = await lock_next(connection)
    if waiting is None:
        return False
    try:
        await work_on(gateway, waiting[0])
    except UploadFailedError:
        pass
    except (SenderChangedError, DeadlockError):
        _log.info("a file is judged anew: somebody else's change came first", upload=str(waiting[0]))
        async with gateway.pool.acquire() as connection:
            await end_progress(connection, waiting[0])  # no fault of the file: such an attempt doesn't count
    except ConflictError:
        _log.info("a file is judged anew: something changed meanwhile", upload=str(waiting[0]))
    except CONNECTION_ERRORS:
        raise
    except Exception as error:  # noqa: BLE001 - one file's fault never holds up the others
        _log.error("the work on a file failed", upload=str(waiting[0]), exc_info=error)
        await asyncio.sleep(LOOK_SECONDS)
    return True


async def work_on(gateway: Gateway, upload: UUID, watcher: Told | None = None) -> UploadState | None:
    """Validate or apply one file that waits for it; the state in which it is then. None: another process has it.

    Raises UploadFailedError after several attempts without an end, SenderChangedError, ConflictError and DeadlockError
    where it is to be tried again.
    """
    async with gateway.pool.acquire() as beside:
        attempts = await begin_attempt(beside, upload)
    async with gateway.pool.acquire() as connection:
        if attempts > _MOST_ATTEMPTS:
            await _give_up(connection, upload, gateway)
        async with connection.transaction():
            record = await lock_upload(connection, upload)
            if record is None:
                return None
            async with _progress_written(gateway, upload, watcher) as told:
                state = await _carry_out(gateway, connection, record, told)
        await end_progress(connection, upload)
        if state is UploadState.APPLIED:
            await forget_rows(connection, upload)
    return state


async def _carry_out(gateway: Gateway, connection: Connection, record: UploadRecord, told: Told) -> UploadState:
    at = await workplace(gateway, connection)
    if record.state is UploadState.VALIDATING:
        return (await validate(connection, record, at, told)).state
    if record.state is UploadState.APPLYING:
        return await apply(connection, record, at, told)
    return record.state


async def workplace(gateway: Gateway, connection: Connection) -> Workplace:
    in_force = await gateway.packs.in_force(connection, await read_epoch(connection))
    now = gateway.now()
    today, hashed = today_of(gateway.settings, now), account_terms(gateway).address_hash
    return Workplace(in_force.packs, in_force.years, user_formats(), SEND_FILES, hashed, now, today)


async def _give_up(connection: Connection, upload: UUID, gateway: Gateway) -> None:
    async with connection.transaction():
        if await lock_upload(connection, upload) is not None:
            await move_upload(connection, upload, UploadState.RECEIVED, gateway.now(), (_FAILED,))
    await end_progress(connection, upload)
    raise UploadFailedError(_FAILED)


@asynccontextmanager
async def _progress_written(gateway: Gateway, upload: UUID, watcher: Told | None) -> AsyncGenerator[Told]:
    """What is told is written down twice a second, on a connection beside the work's."""
    latest: list[tuple[str, int, int]] = []

    def told(phase: str, done: int, total: int) -> None:
        latest[:] = [(phase, done, total)]
        if watcher is not None:
            watcher(phase, done, total)

    async def write() -> None:
        while True:
            await asyncio.sleep(_PROGRESS_SECONDS)
            if latest:
                phase, done, total = latest.pop()
                async with gateway.pool.acquire() as beside:
                    await write_progress(beside, upload, phase, done, total)

    async with in_background(write()):
        yield told
