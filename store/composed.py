"""Statements put together from named parts: the parameters they collect, and the one way to fill a part's places."""

import re

from store.statements import statements

_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")


class Parameters:
    """The values of one statement's `$1`, `$2` …, in the order in which they were added."""

    __slots__ = ("_places", "values")

    def __init__(self) -> None:
        self.values: list[object] = []
        self._places: list[str] = []

    def add(self, value: object, kind: str) -> str:
        """The place that stands for the value; `kind` is its PostgreSQL type."""
        self.values.append(value)
        self._places.append(f"${len(self.values)}::{kind}")
        return self._places[-1]

    def left_out(self, text: str) -> list[str]:
        """The places that the statement doesn't use; the server wants the type of each value that it is sent."""
        return [one for one in self._places if one not in text]


def fill(file: str, name: str, **parts: str) -> str:
    """The named part of `store/sql/composed/<file>.sql` with its places filled; a place without a part is a KeyError.

    Parts come from this room alone: values that a caller chose are always parameters.
    """
    return _PLACE.sub(lambda place: parts[place.group(1)], statements(f"composed/{file}")[name])
