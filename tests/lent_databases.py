"""Databases that go from test to test as clean as new: what a test wrote is taken out, what it changed is put back."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any

from store.connection import Connection, Pool, Row
from store.database import SCHEMA

_CATALOGS = (
    "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_policy", "pg_proc",
    "pg_rewrite", "pg_trigger", "pg_type", "pg_extension", "pg_event_trigger", "pg_largeobject_metadata",
    "pg_namespace",
)  # fmt: skip
_MOST_TESTS = 100
_LOOKS = 100
_PAUSE_SECONDS = 0.005
_COLUMNS = """
select c.relname, array_agg(a.attname order by a.attnum) filter (where a.attgenerated = '') as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace = $1::regnamespace and c.relkind = 'r'
 group by c.relname
 order by c.relname
"""
_SEQUENCES = "select relname from pg_class where relnamespace = $1::regnamespace and relkind = 'S' order by relname"
_RESET = "select pg_advisory_unlock_all(); close all; unlisten *; reset all; discard temp; discard plans"
"""Plans too: one that was made for a few rows takes ten times as long for the many of another test."""
_OTHERS = """
select count(*) from pg_stat_activity
 where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and pid <> all($1)
"""


@dataclass(frozen=True, slots=True)
class Original:
    """What the databases of one state hold before a test: each table's rows as COPY writes them, each sequence's place.

    `questions` ask a database for the number of rows in each table and catalog and their youngest transaction.
    """

    columns: Mapping[str, Sequence[str]]
    rows: Mapping[str, bytes]
    counts: Mapping[str, int]
    sequences: Mapping[str, tuple[int, bool]]
    questions: Sequence[str]


@dataclass(slots=True)
class Lent:
    """One such database. `pool` is kept open between tests, in the loop that all tests share."""

    name: str
    original: Original
    cleaner: Connection
    since: int
    pool: Pool | None = None
    tests: int = 0
    pids: Sequence[int] = field(default_factory=list[int])


async def original_of(cleaner: Connection) -> Original:
    """What the database holds that a superuser is connected to."""
    columns = {row["relname"]: row["columns"] for row in await cleaner.fetch(_COLUMNS, SCHEMA)}
    names = [row["relname"] for row in await cleaner.fetch(_SEQUENCES, SCHEMA)]
    asked = [f"select '{table}', count(*), max(xmin::text::bigint) from {SCHEMA}.{table}" for table in columns]
    asked += [f"select '{one}', count(*), max(xmin::text::bigint) from pg_catalog.{one}" for one in _CATALOGS]
    asked[-1] += " where nspname !~ '^pg_(toast_)?temp_'"
    questions = ["\nunion all ".join(part) for part in (asked[: len(columns)], asked[len(columns) :])]
    counts = {name: number for name, number, _ in await _asked(cleaner, questions)}
    rows = {table: await _read(cleaner, table, columns[table]) for table in columns if counts[table]}
    return Original(columns, rows, counts, await _places(cleaner, names), questions)


async def lent(name: str, original: Original, cleaner: Connection) -> Lent:
    """A database that was just copied."""
    return Lent(name, original, cleaner, await cleaner.fetchval("select pg_current_xact_id()::text::bigint"))


async def keep_open(database: Lent, pool: Any) -> None:
    """Keep the pool for the next test, with sessions as new; or close it, where the test left it in use."""
    database.pool, database.pids = None, ()
    if pool.is_closing() or pool.get_idle_size() != pool.get_size():
        pool.terminate()
        return
    async with AsyncExitStack() as stack:
        taken = [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_size())]
        for connection in taken:
            await connection.execute(_RESET)
        database.pids = [connection.get_server_pid() for connection in taken]
    database.pool = pool


async def clean(database: Lent) -> bool:
    """Make the database what it was; False where that can't be done, and nobody may have it any more.

    It can't where somebody is still connected, or the schema was changed.
    """
    database.tests += 1
    if database.tests >= _MOST_TESTS or not await _alone(database):
        return False
    original = database.original
    changed = [
        name
        for name, number, youngest in await _asked(database.cleaner, original.questions)
        if number != original.counts[name] or (youngest or 0) >= database.since
    ]
    if not original.columns.keys() >= set(changed):
        return False
    if changed or await _places(database.cleaner, original.sequences) != original.sequences:
        await _put_back(database, changed)
    return True


async def _alone(database: Lent) -> bool:
    """Whether all others have closed their connections; the server takes a moment to notice."""
    for look in count():
        if not await database.cleaner.fetchval(_OTHERS, database.pids):
            return True
        if look == _LOOKS:
            return False
        await asyncio.sleep(_PAUSE_SECONDS)
    raise AssertionError


async def _put_back(database: Lent, tables: Sequence[str]) -> None:
    cleaner, original = database.cleaner, database.original
    async with cleaner.transaction():
        settled = "; ".join(
            f"select setval('{SCHEMA}.{name}', {place}, {called})"
            for name, (place, called) in original.sequences.items()
        )
        deleted = "; ".join(f"delete from {SCHEMA}.{table}" for table in tables)
        await cleaner.execute(f"set local session_replication_role = replica; {settled}; {deleted}")  # no triggers
        for table in tables:
            if table in original.rows:
                await _write(cleaner, table, original.columns[table], original.rows[table])
        database.since = 1 + await cleaner.fetchval("select pg_current_xact_id()::text::bigint")


async def _asked(cleaner: Connection, questions: Sequence[str]) -> list[Row]:
    return [row for question in questions for row in await cleaner.fetch(question)]


async def _places(cleaner: Connection, sequences: Sequence[str] | Mapping[str, object]) -> dict[str, tuple[int, bool]]:
    if not sequences:
        return {}
    asked = "\nunion all ".join(f"select '{name}', last_value, is_called from {SCHEMA}.{name}" for name in sequences)
    return {name: (place, called) for name, place, called in await cleaner.fetch(asked)}


async def _read(cleaner: Any, table: str, columns: Sequence[str]) -> bytes:
    written = BytesIO()
    await cleaner.copy_from_table(table, schema_name=SCHEMA, columns=columns, output=written, format="binary")
    return written.getvalue()


async def _write(cleaner: Any, table: str, columns: Sequence[str], rows: bytes) -> None:
    await cleaner.copy_to_table(table, schema_name=SCHEMA, columns=columns, source=BytesIO(rows), format="binary")
