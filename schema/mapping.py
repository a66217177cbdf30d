"""How types are mapped to tables: what a field reads stands beside the field, and compiled reads know nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import strawberry

from store.tables import Found, Table

MAPPED: Final = "mapped"
"""Metadata key of a field that is read from the database in one statement with the row that it belongs to."""
TABLE: Final = "table"
"""Class attribute of a type whose rows are a table's."""


@dataclass(frozen=True, slots=True)
class FromColumn:
    """The value of a column."""

    column: str


@dataclass(frozen=True, slots=True)
class FromColumns:
    """What follows from columns and the packs: `compute(asking, *values)`, the same for equal values."""

    columns: tuple[str, ...]
    compute: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class PointedAt:
    """The row whose id the column holds."""

    column: str


@dataclass(frozen=True, slots=True)
class ListedIn:
    """A connection. `key`: the column of its rows that holds this row's id. `few`: there are never many of them."""

    found: Found
    key: str = ""
    few: bool = False


@dataclass(frozen=True, slots=True)
class PageOf:
    """A root connection; `filter` is its argument of filters, whose `read()` says what is wanted."""

    table: Table


@dataclass(frozen=True, slots=True)
class RowOf:
    """A root that answers with one row, found by its argument `by`, whose `read()` is a reference."""

    table: Table


@dataclass(frozen=True, slots=True)
class CallersOwn:
    """The caller's own row."""

    table: Table


@dataclass(frozen=True, slots=True)
class FromMemory:
    """A root that is answered from what is in memory already: its resolver waits for nothing."""


def column(name: str, *directives: object, description: str | None = None) -> Any:
    """A field that shows a column of its type's table."""
    return strawberry.field(directives=directives, description=description, metadata={MAPPED: FromColumn(name)})
