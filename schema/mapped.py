"""Mapped fields: written with their mapping alone, from which the resolvers of strawberry's executor follow."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any, cast
from uuid import UUID

import strawberry

from policy.access import AnyOf
from policy.caller import PersonCaller
from resolvers import rows
from resolvers.pages import Listing
from resolvers.references import named_by
from resolvers.rows import Kind, Listed, MappedRow
from resolvers.wanted import sought_of
from schema.access_table import DEFINITION
from schema.asked import Info, answered, rule_of_rows
from schema.connections import After, First
from schema.mapping import (
    CallersOwn,
    FromColumn,
    FromColumns,
    ListedIn,
    PageOf,
    PointedAt,
    RowOf,
    columns_of,
    table_of,
)
from schema.mapping_check import named_type, row_type
from store.tables import Found, Table

_UNSET: Any = strawberry.UNSET
_REQUIRED: Any = Parameter.empty


def column(name: str, *directives: object, description: str | None = None) -> Any:
    """A field that shows a column of its type's table."""

    def value(root: strawberry.Parent[MappedRow]) -> Any:
        return root[name]

    return answered(value, *directives, description=description, mapped=FromColumn(name))


def computed(
    columns: tuple[str, ...], compute: Callable[..., Any], *directives: object, description: str | None = None
) -> Any:
    """A field whose value follows from columns and what is in memory: `compute(asking, *values)`."""

    def value(root: strawberry.Parent[MappedRow], info: Info) -> Any:
        return compute(info.context, *(root[one] for one in columns))

    return answered(value, *directives, description=description, mapped=FromColumns(columns, compute))


def points_to(column: str, *directives: object, description: str | None = None) -> Any:
    """A field that shows the row whose id a column of its type's table holds."""

    async def row(root: strawberry.Parent[MappedRow], info: Info) -> Any:
        return await rows.by_id(info.context, _kind(info), root[column])

    return answered(row, *directives, description=description, mapped=PointedAt(column))


def lists(found: Found, key: str = "", *directives: object, few: bool = False, description: str | None = None) -> Any:
    """A connection of the rows that are found by this row; see `schema.mapping.ListedIn`."""

    async def page(
        root: strawberry.Parent[MappedRow], info: Info, first: First = _UNSET, after: After = _UNSET
    ) -> Listing[MappedRow]:
        listed = Listed(found, key, rule_of_rows(info))
        return await rows.within(info.context, _kind(info), listed, root.id, first, after)

    return answered(page, *directives, description=description, mapped=ListedIn(found, key, few))


def pages(
    table: Table,
    *directives: object,
    filter: type | None = None,
    order: type | None = None,
    description: str | None = None,
) -> Any:
    """A root connection of a table's rows. `filter`: an input whose `read()` says what is wanted."""

    async def page(info: Info, **given: Any) -> Listing[MappedRow]:
        wanted = given.get("filter")
        sought = sought_of(table, wanted.read() if wanted else None)
        rule: AnyOf = rule_of_rows(info)
        return await rows.page(info.context, _kind(info), rule, sought, given.get("first"), given.get("after"))

    arguments = {"filter": filter, "order_by": order}
    _takes(page, **{name: one | None for name, one in arguments.items() if one is not None}, first=First, after=After)
    return answered(page, *directives, description=description, mapped=PageOf(table))


def one_by(table: Table, reference: type, *directives: object, description: str | None = None) -> Any:
    """A root that answers with the row that its argument `by` names: an input whose `read()` is a reference."""

    async def row(info: Info, by: Any) -> MappedRow | None:
        return await rows.by_reference(info.context, _kind(info), named_by(by.read()))

    _takes(row, by=reference)
    return answered(row, *directives, description=description, mapped=RowOf(table))


def callers_own(table: Table, *directives: object, description: str | None = None) -> Any:
    """The caller's own row."""

    async def row(info: Info) -> Any:
        caller = info.context.caller
        return await rows.by_id(info.context, _kind(info), caller.user) if isinstance(caller, PersonCaller) else None

    return answered(row, *directives, description=description, mapped=CallersOwn(table))


def row_of(attribute: str, *directives: object, description: str | None = None) -> Any:
    """A field of what is no row itself: the row whose id its record's attribute holds."""

    async def row(root: strawberry.Parent[Any], info: Info) -> Any:
        return await rows.by_id(info.context, _kind(info), getattr(root, attribute))

    return answered(row, *directives, description=description)


def rows_of(attribute: str, size: int, *directives: object, description: str | None = None) -> Any:
    """The same for a list of ids; what isn't there is left out."""

    async def found(root: strawberry.Parent[Any], info: Info) -> Any:
        return await rows.by_ids(info.context, _kind(info), getattr(root, attribute))

    return answered(found, *directives, description=description, size=size)


async def rows_shown(info: Info, identifiers: Sequence[UUID]) -> list[MappedRow]:
    """In the resolver of a field that answers with rows of a table: those with these ids, in the given order."""
    return await rows.by_ids(info.context, _kind(info), identifiers)


def kinds_of(info: Info) -> tuple[Kind, ...]:
    """Of a field that answers with an interface: the kind of each type that it may be."""
    raw = _raw(info)
    return tuple(_kind_of(one) for one in raw.schema.get_possible_types(named_type(raw.return_type)))


def _takes(resolver: Callable[..., Any], **arguments: object) -> None:
    """States the arguments of a resolver whose inputs are given to its maker."""
    given = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=_REQUIRED if name == "by" else _UNSET, annotation=one)
        for name, one in arguments.items()
    ]
    info = Parameter("info", Parameter.KEYWORD_ONLY, annotation=Info)
    cast("Any", resolver).__signature__ = Signature([info, *given])


def _kind(info: Info) -> Kind:
    """The kind of row that the field answers with."""
    return _kind_of(named_type(_raw(info).return_type))


@lru_cache(maxsize=1000)
def _kind_of(type_: Any) -> Kind:
    written = row_type(type_).extensions[DEFINITION].origin
    table = table_of(written)
    if table is None:
        raise LookupError(f"{written.__name__} shows the rows of no table: give it one, beside its fields.")
    return Kind(table, columns_of(written))


def _raw(info: Info) -> Any:
    return cast("Any", info)._raw_info  # noqa: SLF001 - the library has no public name for it
