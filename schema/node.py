"""What everything with an id of its own is."""

from typing import Any, ClassVar

import strawberry

from resolvers.rows import MappedRow
from store.tables import Table


@strawberry.interface(
    description="Something with an id. Ids are the same raw UUIDs everywhere: here, in tokens, in AuthZEN."
)
class Node:
    table: ClassVar[Table]
    id: strawberry.ID

    @classmethod
    def is_type_of(cls, row: Any, _info: object) -> bool:
        """What `node` hands out is told apart by its table."""
        return isinstance(row, MappedRow) and row.table is cls.table
