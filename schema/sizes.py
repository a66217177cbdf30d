"""How long a list without pages is assumed to be, for the cost of asking: stated beside its field."""

from typing import Any, Final

import strawberry
from graphql import GraphQLField

from schema.access_table import DEFINITION

SIZE: Final = "size"
"""Metadata key of a field that answers with a list of objects: a number, or the argument that has as many items."""


def listed(size: int | str, *directives: object, description: str | None = None) -> Any:
    """A list of objects that stand in the record itself."""
    return strawberry.field(directives=directives, description=description, metadata={SIZE: size})


def size_of(field: GraphQLField) -> int | str | None:
    """The size that the field states; None: it states none."""
    metadata: dict[str, Any] = getattr(field.extensions.get(DEFINITION), "metadata", None) or {}
    found = metadata.get(SIZE)
    return found if isinstance(found, int | str) else None
