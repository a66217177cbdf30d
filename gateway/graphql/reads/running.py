"""What a projection has at hand while it runs: the caller's context, what was written before, and denied cells."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError

from gateway.graphql.reads.remembered_values import Project, Tally
from resolvers.asking import Asking
from resolvers.refusals import Code, RefusedError
from store.pages import count_of

Path = tuple[str | int, ...]
Memo = dict[tuple[Any, ...], Any]
"""What one field of a plan has written, by the values that it follows from."""
_MOST_WRITTEN = 20_000


def new_memos() -> defaultdict[int, Memo]:
    """JSON of values from memory, written already: for one variant of a plan, its packs and the same systems."""
    return defaultdict(dict)


@dataclass(slots=True)
class Running:
    """One answer in the making."""

    asking: Asking
    memos: defaultdict[int, Memo]
    errors: list[GraphQLError] = field(default_factory=list[GraphQLError])
    objects: int = 0

    def deny(self, denied: "Denied", path: Path) -> None:
        self.errors.append(denied.at(path))

    def tell(self, rows: list[Any], objects: int) -> list[Any]:
        """Counts so many objects for each of the rows."""
        self.objects += len(rows) * objects
        return rows

    def add(self, objects: int, value: Any) -> Any:
        """Counts objects that were not counted with their row."""
        self.objects += objects
        return value

    def absent(self, objects: int) -> None:
        """Takes back objects that were counted with their row, and are not there."""
        self.objects -= objects

    def remembered(self, memo: Memo, project: Project, compute: Any, values: tuple[Any, ...]) -> orjson.Fragment | None:
        """What follows from columns and packs, with objects within, written once for equal values."""
        found = memo.get(values)
        if found is None:
            tally = Tally()
            value = project(compute(self.asking, *values), self.asking, tally)
            found = None if value is None else orjson.Fragment(orjson.dumps(value)), tally.objects
            if len(memo) < _MOST_WRITTEN:
                memo[values] = found
        self.objects += found[1]
        return found[0]

    def remember(self, memo: Memo, project: Project, compute: Any, values: tuple[Any, ...], objects: int) -> Any:
        """A leaf, or an object of leaves, that `memo` doesn't hold yet; what isn't there is never kept.

        `objects`: how many were counted for it already.
        """
        value = project(compute(self.asking, *values), self.asking, Tally())
        if value is None:
            self.objects -= objects
            return None
        if isinstance(value, dict):
            value = orjson.Fragment(orjson.dumps(value))
        if len(memo) < _MOST_WRITTEN:
            memo[values] = value
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Denied:
    """A field that isn't shown: its message, and the nodes that asked for it."""

    message: str
    nodes: Any

    def at(self, path: Path) -> GraphQLError:
        refusal = RefusedError(Code.UNAUTHORIZED_FIELD_OR_TYPE, self.message)
        return GraphQLError(self.message, self.nodes, path=path, original_error=refusal)


def exact(found: int) -> int | None:
    return count_of(found).exact


def at_least(found: int) -> int:
    return count_of(found).at_least


def grouped(rows: Sequence[Any], identity: int) -> list[list[Any]]:
    """Rows that follow each other with the same value at `identity`, together."""
    groups: list[list[Any]] = []
    last: object = None
    for row in rows:
        if row[identity] != last:
            last = row[identity]
            groups.append([row])
        else:
            groups[-1].append(row)
    return groups
