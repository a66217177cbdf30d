"""What everything with an id of its own is."""

from collections.abc import Callable
from typing import Any

import strawberry


@strawberry.interface(
    description="Something with an id. Ids are the same raw UUIDs everywhere: here, in tokens, in AuthZEN."
)
class Node:
    id: strawberry.ID


def made_of(record: type) -> Callable[[Any, object], bool]:
    """The `is_type_of` of a type whose rows are that record of the store: what `node` hands out is told apart by it."""

    def is_type_of(row: Any, _info: object) -> bool:
        return isinstance(row, record)

    return staticmethod(is_type_of)
