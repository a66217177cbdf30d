"""`node(id:)`: whatever has the id; its type's rule says whether the caller sees it."""

from collections.abc import Iterable
from uuid import UUID

from resolvers import rows
from resolvers.asking import Asking
from resolvers.rows import Kind, MappedRow


async def by_id(asking: Asking, kinds: Iterable[Kind], identifier: UUID | None) -> MappedRow | None:
    """The row with that id, of one of the kinds; at most one statement for each."""
    for kind in kinds if identifier else ():
        found = await rows.by_id(asking, kind, identifier)
        if found is not None:
            return found
    return None
