"""Rows of mapped tables as fields: by id, by reference, in pages and within other rows; one store call per level."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from policy.access import AnyOf
from resolvers.asking import Asking
from resolvers.batches import Batch, batch_of
from resolvers.pages import Listing, page_request
from store.compile import Reference, Sought
from store.compile_rows import Asked
from store.mapped_rows import (
    Kind,
    Listed,
    MappedRow,
    count_rows,
    count_within,
    page_of_rows,
    row_by_reference,
    rows_by_ids,
    rows_within,
)
from store.records import Count, Page
from store.tables import Table

__all__ = ["Kind", "Listed", "MappedRow", "by_id", "by_ids", "by_reference", "page", "within"]


async def by_id(asking: Asking, kind: Kind, identifier: UUID | None) -> MappedRow | None:
    return None if identifier is None else await _batch(asking, kind).get(identifier)


async def by_ids(asking: Asking, kind: Kind, identifiers: Sequence[UUID]) -> list[MappedRow]:
    """Those that exist, in the given order."""
    found = await asyncio.gather(*(by_id(asking, kind, one) for one in identifiers))
    return [row for row in found if row is not None]


async def by_reference(asking: Asking, kind: Kind, reference: Reference) -> MappedRow | None:
    return await asking.reads.run(partial(row_by_reference, asked=_asked(asking), kind=kind, by=reference))


async def page(
    asking: Asking, kind: Kind, rule: AnyOf, sought: Sought, first: int | None, after: str | None
) -> Listing[MappedRow]:
    """A page of those for which the rule holds."""
    request, asked = page_request(first, after), _asked(asking)
    found = await asking.reads.run(
        partial(page_of_rows, asked=asked, kind=kind, rule=rule, sought=sought, request=request)
    )
    _keep(asking, kind, found)
    count = partial(count_rows, asked=asked, rule=rule, sought=sought)
    return Listing(found, lambda: asking.reads.run(count))


async def within(
    asking: Asking, kind: Kind, listed: Listed, parent: UUID, first: int | None, after: str | None
) -> Listing[MappedRow]:
    """A page of the rows within a row; one statement for all rows of the answer that are asked for the same."""
    request, asked = page_request(first, after), _asked(asking)

    async def load(parents: Sequence[UUID]) -> Mapping[UUID, Page[MappedRow]]:
        pages = await asking.reads.run(
            partial(rows_within, asked=asked, kind=kind, listed=listed, parents=parents, request=request)
        )
        for one in pages.values():
            _keep(asking, kind, one)
        return pages

    found = await batch_of(asking.batches, ("within", kind, listed, request), load).get(parent)
    return Listing(
        found or Page((), (), has_next=False, has_previous=False),
        lambda: _count(asking, kind.table, listed, parent),
    )


async def _count(asking: Asking, table: Table, listed: Listed, parent: UUID) -> Count:
    async def load(parents: Sequence[UUID]) -> Mapping[UUID, Count]:
        return await asking.reads.run(
            partial(count_within, asked=_asked(asking), table=table, listed=listed, parents=parents)
        )

    return await batch_of(asking.batches, ("count within", table, listed), load).get(parent) or Count(0, 0)


def _keep(asking: Asking, kind: Kind, found: Page[MappedRow]) -> None:
    batch = _batch(asking, kind)
    for row in found.rows:
        batch.prime(row.id, row)


def _batch(asking: Asking, kind: Kind) -> Batch[UUID, MappedRow]:
    async def load(ids: Sequence[UUID]) -> Mapping[UUID, MappedRow]:
        return await asking.reads.run(partial(rows_by_ids, asked=_asked(asking), kind=kind, ids=ids))

    return batch_of(asking.batches, kind, load)


def _asked(asking: Asking) -> Asked:
    return Asked(asking.caller, asking.own)
