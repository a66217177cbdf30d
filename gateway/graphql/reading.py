"""Runs a compiled read: its statements for this caller, verified by their mark, and the projection to JSON."""

from typing import Any, Final

import orjson
from graphql import GraphQLError

from gateway.caller_memory import Remembered
from gateway.graphql.plans import Ready
from gateway.graphql.reads.roots import Bound, RootStatement
from gateway.graphql.reads.running import Running
from policy.caller import PersonCaller
from resolvers.asking import Asking
from store.compile import Composed
from store.compile_rows import Asked
from store.connection import Connection, Row
from store.database import Pool
from store.marks import verify_mark

_MOST_NOTES: Final = 200
"""Statements that are kept for one caller."""
Read = tuple[bytes, list[GraphQLError], int]
"""The data as JSON, the denied cells, and the objects in it."""


async def read(pool: Pool, known: Remembered, asking: Asking, ready: Ready) -> Read:
    """The answer. Raises CallerChangedError where the caller isn't what she was, NotMappedError for arguments that the
    other executor refuses with its own words.
    """
    user = known.caller.user if isinstance(known.caller, PersonCaller) else None
    bounds = [one.bound(ready.values, user) for one in ready.read.statements]
    asked = zip(ready.read.statements, bounds, strict=True)
    composed = [(_composed(known, asking, statement, bound), bound) for statement, bound in asked]
    results = await _fetched(pool, known, composed)
    run = Running(asking, ready.memos)
    data: dict[str, Any] = ready.read.project(results, bounds, run)
    return orjson.dumps(data), run.errors, run.objects


async def _fetched(pool: Pool, known: Remembered, composed: list[tuple[Composed, Bound]]) -> list[list[Row]]:
    """The rows of each statement; those of several are of one state of the database."""
    async with pool.acquire() as connection:
        if len(composed) > 1:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return [await _rows(connection, known, one, bound) for one, bound in composed]
        if not composed:
            await verify_mark(connection, known.mark)
        return [await _rows(connection, known, one, bound) for one, bound in composed]


async def _rows(connection: Connection, known: Remembered, composed: Composed, bound: Bound) -> list[Row]:
    rows = await connection.fetch(composed.text, *bound.values(composed))
    known.mark.verify(rows[0][0])
    return rows


def _composed(known: Remembered, asking: Asking, statement: RootStatement, bound: Bound) -> Composed:
    """The statement for this caller, put together once for as long as she stays what she is."""
    key = statement, bound.pattern
    found: Composed | None = known.notes.get(key)
    if found is None:
        if len(known.notes) > _MOST_NOTES:
            known.notes.clear()
        found = known.notes[key] = bound.composed(_asked(known, asking), known.mark)
    return found


def _asked(known: Remembered, asking: Asking) -> Asked:
    return Asked(known.caller, asking.own, known.in_force.counting)
