"""How types are mapped to tables: what a field reads stands beside the field, and neither executor knows more."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from store.tables import Found, Table

MAPPED: Final = "mapped"
"""Metadata key of a field that is read from the database by what it says, and by nothing else."""
UNMAPPED: Final = "unmapped"
"""Metadata key of a field of a type with a table that has a resolver of its own, on strawberry's executor alone."""
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


def mapping_of(definition: object) -> object:
    """The mapping of a field, from its definition in the library; None where it has none."""
    metadata: dict[str, Any] = getattr(definition, "metadata", None) or {}
    return metadata.get(MAPPED)


def is_unmapped(definition: object) -> bool:
    """Whether the field says that it has a resolver of its own."""
    metadata: dict[str, Any] = getattr(definition, "metadata", None) or {}
    return UNMAPPED in metadata


def table_of(type_: object) -> Table | None:
    """The table whose rows a written type shows; None for any other type."""
    found = getattr(type_, TABLE, None)
    return found if isinstance(found, Table) else None


def columns_of(type_: object) -> tuple[str, ...]:
    """Every column that the mapped fields of a written type read, each once."""
    fields: Iterable[object] = getattr(getattr(type_, "__strawberry_definition__", None), "fields", ())
    found: dict[str, None] = {}
    for one in fields:
        match mapping_of(one):
            case FromColumn(column) | PointedAt(column):
                found[column] = None
            case FromColumns(columns):
                found.update(dict.fromkeys(columns))
            case _:
                pass
    return tuple(found)
