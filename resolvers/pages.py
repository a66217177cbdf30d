"""Pages as a connection shows them: edges, the rows alone, where the page stands, and how many rows there are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from store.pages import PageRequest
from store.records import Count, Page

Row = TypeVar("Row")

USUAL = 50


@dataclass(frozen=True, slots=True)
class EdgeRow(Generic[Row]):
    cursor: str
    node: Row


@dataclass(frozen=True, slots=True)
class PageInfoRow:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(slots=True)
class Listing(Generic[Row]):
    """A page, and the count that is taken only when it is asked for, once."""

    page: Page[Row]
    count: Callable[[], Awaitable[Count]]
    _counted: Count | None = field(default=None, init=False)

    @property
    def edges(self) -> list[EdgeRow[Row]]:
        return [EdgeRow(cursor, row) for cursor, row in zip(self.page.cursors, self.page.rows, strict=True)]

    @property
    def nodes(self) -> tuple[Row, ...]:
        return self.page.rows

    @property
    def page_info(self) -> PageInfoRow:
        cursors = self.page.cursors
        return PageInfoRow(
            self.page.has_next,
            self.page.has_previous,
            cursors[0] if cursors else None,
            cursors[-1] if cursors else None,
        )

    async def total(self) -> Count:
        if self._counted is None:
            self._counted = await self.count()
        return self._counted


def page_request(first: int | None, after: str | None) -> PageRequest:
    """What a connection's arguments ask for; what is left out (also as the library's own marker) is the usual."""
    return PageRequest(first if isinstance(first, int) else USUAL, after if isinstance(after, str) else None)
