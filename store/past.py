"""The database as it was at a moment: each statement reads its tables as they stood then."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NoReturn

from store.composed import fill
from store.connection import Connection, Listener, PreparedStatement, Row
from store.database import DatabaseError

_TABLES: Final = (
    "school_years", "organizations", "role_assignments", "users", "signed_forms", "credentials", "student_groups",
    "student_group_users", "student_group_members", "packs",
)  # fmt: skip
"""In the order in which they stand upon each other."""
_BEGINS_WITH: Final = re.compile(r"\s*(?:--[^\n]*\n\s*)*with\s+(?!recursive\b)", re.IGNORECASE)
_TEXTS: Final = 500


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another."""

    begins: datetime
    until: datetime


async def known_span(connection: Connection) -> Span:
    """Of which moments anything is known: of those before nothing, of those after nothing yet."""
    row = await connection.fetchrow(fill("past", "known"))
    if row is None:
        raise DatabaseError("The database doesn't say when its history begins: run `hallpass migrate`.")
    return Span(row["begins_at"], row["until"])


async def packs_differ(connection: "PastConnection") -> bool:
    """Whether any pack of that moment is another today."""
    return bool(await connection.fetchval(fill("past", "changed_packs")))


@dataclass(frozen=True, slots=True)
class PastConnection:
    """A connection whose statements see people, roles, forms, groups, packs, years and the tree as of `at`.

    Reads alone: whatever would write or leave something behind raises TypeError.
    """

    now: Connection
    at: datetime

    async def fetch(self, query: str, *args: object, timeout: float | None = None) -> list[Row]:
        return await self.now.fetch(_as_of(query, len(args)), *args, self.at, timeout=timeout)

    async def fetchrow(self, query: str, *args: object, timeout: float | None = None) -> Row | None:
        return await self.now.fetchrow(_as_of(query, len(args)), *args, self.at, timeout=timeout)

    async def fetchval(self, query: str, *args: object, column: int = 0, timeout: float | None = None) -> Any:
        return await self.now.fetchval(_as_of(query, len(args)), *args, self.at, column=column, timeout=timeout)

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:
        _refuse()

    async def executemany(
        self, command: str, args: Iterable[Sequence[object]], *, timeout: float | None = None
    ) -> None:
        _refuse()

    async def prepare(self, query: str, *, timeout: float | None = None) -> PreparedStatement:
        _refuse()

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[Sequence[object]],
        columns: Sequence[str] | None = None,
        schema_name: str | None = None,
        timeout: float | None = None,
    ) -> str:
        _refuse()

    async def add_listener(self, channel: str, callback: Listener) -> None:
        _refuse()

    async def remove_listener(self, channel: str, callback: Listener) -> None:
        _refuse()

    async def close(self, *, timeout: float | None = None) -> None:
        _refuse()

    def add_termination_listener(self, callback: Any) -> None:
        _refuse()

    def remove_termination_listener(self, callback: Any) -> None:
        _refuse()

    def cursor(self, query: str, *args: object, prefetch: int | None = None) -> AsyncIterator[Row]:
        _refuse()

    def is_closed(self) -> bool:
        return self.now.is_closed()

    def is_in_transaction(self) -> bool:
        return self.now.is_in_transaction()

    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False, deferrable: bool = False
    ) -> AbstractAsyncContextManager[Any]:
        _refuse()


@lru_cache(maxsize=_TEXTS)
def _as_of(query: str, parameters: int) -> str:
    """The statement behind the tables of that moment, which is its last parameter."""
    at = f"${parameters + 1}::timestamptz"
    ended = fill("past", "ended")
    tables = ", ".join(fill("past", table, at=at, ended=ended) for table in _TABLES)
    own = _BEGINS_WITH.match(query)
    return f"with {tables}, {query[own.end() :]}" if own else f"with {tables} {query}"


def _refuse() -> NoReturn:
    raise TypeError("What was can only be read.")
