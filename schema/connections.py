"""Relay connections: pages of rows with a cursor each, and how many there are."""

from typing import Annotated, Generic, TypeVar

import strawberry

from resolvers.pages import Listing
from schema.directives import PUBLIC

Row = TypeVar("Row")

First = Annotated[int | None, strawberry.argument(description="How many, from 1 to 100; 50 where it is left out.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page starts.")]


@strawberry.type(directives=[PUBLIC])
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(directives=[PUBLIC])
class Edge(Generic[Row]):
    cursor: str
    node: Row | None


async def _total_count(root: strawberry.Parent[Listing[object]]) -> int | None:
    return (await root.total()).exact


async def _total_count_at_least(root: strawberry.Parent[Listing[object]]) -> int | None:
    return (await root.total()).at_least


@strawberry.type(directives=[PUBLIC])
class Connection(Generic[Row]):
    edges: list[Edge[Row] | None] | None
    nodes: list[Row | None] | None
    page_info: PageInfo
    total_count: int | None = strawberry.field(
        resolver=_total_count, description="How many rows the caller may see; null above 10,000."
    )
    total_count_at_least: int | None = strawberry.field(
        resolver=_total_count_at_least, description="The same number, or 10,000 where there are more."
    )
