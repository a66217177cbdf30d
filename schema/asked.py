"""How the schema's fields are written: the `info` they are asked with, and where their types and rules stand."""

from collections.abc import Callable
from typing import Any, TypeAlias

import strawberry

from policy.access import AnyOf
from resolvers.asking import Asking
from schema.access_table import READS
from schema.mapping import MAPPED, UNMAPPED
from schema.sizes import SIZE

Info: TypeAlias = strawberry.Info[Asking, Any]


def rule_of_rows(info: Info) -> AnyOf:
    """The rule that its guard has left for the rows of this list, or for the change that this mutation makes."""
    return info.context.rows_rule[info.path]


def answered(
    resolver: Callable[..., Any],
    *directives: object,
    description: str | None = None,
    size: int | str | None = None,
    mapped: object | None = None,
    unmapped: bool = False,
) -> Any:
    """A field whose resolver hands out records: the GraphQL type stands in the class, beside the field's name.

    `mapped`: how a compiled read answers it instead (`schema.mapping`). `unmapped`: none does, in a type with a table.
    `size`: of a list without pages, how long it is assumed to be, or the argument that has as many items.
    """
    stated = ((SIZE, size), (MAPPED, mapped), (UNMAPPED, unmapped or None))
    metadata = {key: value for key, value in stated if value is not None}
    return strawberry.field(resolver=resolver, directives=directives, description=description, metadata=metadata)


def followed(resolver: Callable[..., Any], *directives: object, description: str | None = None) -> Any:
    """A subscription's field: its resolver hands out the source of its events."""
    return strawberry.subscription(resolver=resolver, directives=directives, description=description)


def reading(field: str, *directives: object, description: str | None = None) -> Any:
    """An optional field of a filter, an order or a reference: it reads `Type.field` and has that field's rules."""
    note = f"{description} Reads {field}." if description else f"Reads {field}."
    return strawberry.field(default=strawberry.UNSET, directives=directives, metadata={READS: field}, description=note)
