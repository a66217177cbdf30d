"""One file of people into a database, by Hallpass or by COPY alone; `python -m bench.apps.upload`.

A job as JSON on standard input, the outcome on standard output. A process of its own, because its memory is measured.
"""

import secrets
import sys
import time
import uuid
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvloop

from bench.upload_file import ROLES, people, pieces
from gateway.packs_in_force import PacksInForce
from gateway.settings import Settings
from gateway.state import Gateway
from gateway.uploads.working import work_on
from policy.ids import ProgramCode, SchoolYear
from policy.upload_kinds import UploadState
from resolvers.uploads.receiving import IncomingFile
from store.database import Connection, Pool, open_pool
from store.keys_of import name_key
from store.packs import ensure_default_packs
from store.uploads import NewUpload, Sender, move_upload, upload_by_id

_PROGRAM, _YEAR = ProgramCode("caaspp"), SchoolYear("2026-27")
_USER_COLUMNS = ("id", "email", "email_key", "first_name", "last_name", "name_key", "phone", "status", "created_at")
_ROLE_COLUMNS = (
    "id", "user_id", "program", "role", "school_year", "organization_id", "lea_id", "name_key", "status", "origin",
    "assigned_at",
)  # fmt: skip
_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class UploadJob:
    """`bare`: COPY alone, of the same rows into the same tables, in one transaction."""

    url: str
    rows: int
    leas: int
    bare: bool

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class UploadDone:
    """`missing`: rows without a role of the file afterwards. `peak`: of the process's memory, in KiB."""

    seconds: float
    validating: float
    missing: int
    peak: int

    @classmethod
    def from_json(cls, text: bytes) -> "UploadDone":
        return cls(**orjson.loads(text))


async def run(job: UploadJob) -> UploadDone:
    pool = await open_pool(job.url, maximum=4, application="bench")
    try:
        async with pool.acquire() as connection:
            before = await connection.fetchval("select count(*) from role_assignments")
        work = _copied if job.bare else _uploaded
        seconds, validating = await work(pool, job)
        async with pool.acquire() as connection:
            after = await connection.fetchval("select count(*) from role_assignments")
    finally:
        pool.terminate()
    return UploadDone(seconds, validating, job.rows - (after - before), _peak())


async def _uploaded(pool: Pool, job: UploadJob) -> tuple[float, float]:
    """Validated and applied; the file has come in before."""
    async with _gateway(pool) as gateway:
        sender = Sender(None, None, "bench")
        new = NewUpload(gateway.new_id(), "toms", _PROGRAM, _YEAR, "people.csv", sender, gateway.now())
        file = IncomingFile(pool, new)
        await file.begin()
        for piece in pieces(job.rows, job.leas):
            await file.write(piece)
        await file.finish()
        started = time.perf_counter()
        await _step(gateway, new.id, UploadState.VALIDATING)
        validated = time.perf_counter()
        await _step(gateway, new.id, UploadState.APPLYING)
        return time.perf_counter() - started, validated - started


async def _step(gateway: Gateway, upload: uuid.UUID, state: UploadState) -> None:
    async with gateway.pool.acquire() as connection:
        await move_upload(connection, upload, state, gateway.now())
    await work_on(gateway, upload)
    async with gateway.pool.acquire() as connection:
        found = await upload_by_id(connection, upload)
    if found is None or found.state in (UploadState.REFUSED, state):
        raise SystemExit(f"the file could not be worked on: {found}")


async def _copied(pool: Pool, job: UploadJob) -> tuple[float, float]:
    """The rows are made before the clock starts."""
    async with pool.acquire() as connection:
        users, roles = await _records(connection, job)
        started = time.perf_counter()
        async with connection.transaction():
            await connection.copy_records_to_table("users", records=users, columns=_USER_COLUMNS, timeout=_SECONDS)
            await connection.copy_records_to_table(
                "role_assignments", records=roles, columns=_ROLE_COLUMNS, timeout=_SECONDS
            )
        return time.perf_counter() - started, 0.0


async def _records(connection: Connection, job: UploadJob) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    rows = await connection.fetch("select code, id, lea_id from organizations where level = 'school'")
    places = {row["code"]: (row["id"], row["lea_id"]) for row in rows}
    users: list[tuple[object, ...]] = []
    roles: list[tuple[object, ...]] = []
    now = datetime.now(UTC)
    for first, last, code, address, phone, role in people(job.rows, job.leas):
        user, key, (school, lea) = uuid.uuid4(), name_key(last, first), places[code]
        users.append((user, address, address, first, last, key, phone, "invited", now))
        roles.append(
            (uuid.uuid4(), user, _PROGRAM, ROLES[role], _YEAR, school, lea, key, "active", "operator", now)
        )  # fmt: skip
    return users, roles


@asynccontextmanager
async def _gateway(pool: Pool) -> AsyncGenerator[Gateway]:
    async with pool.acquire() as connection:
        async with connection.transaction():
            await ensure_default_packs(connection)
        packs = await PacksInForce.load(connection)
    with ThreadPoolExecutor(1) as hashing:
        yield Gateway(
            settings=Settings(data_dir=Path(), issuer="http://localhost:8000", second_step="optional"),
            secret_key=b"k" * 32,
            pool=pool,
            packs=packs,
            now=lambda: datetime.now(UTC),
            new_id=uuid.uuid4,
            new_token=lambda: secrets.token_urlsafe(32),
            hashing=hashing,
        )


def main() -> None:
    """One job; the process ends with it."""
    members = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(orjson.dumps(asdict(uvloop.run(run(UploadJob(**members))))))


def _peak() -> int:
    """The most that this program has held, in KiB; what `getrusage` says begins with the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
