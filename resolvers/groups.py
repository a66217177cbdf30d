"""Student groups as fields: one by id, and those of each organization of an answer."""

from collections.abc import Mapping, Sequence
from functools import partial

from policy.access import AnyOf, RowFilter
from policy.ids import GroupId, OrganizationId
from policy.reach import Visible
from resolvers.asking import Asking
from resolvers.batches import Batch, batch_of
from resolvers.pages import Listing, page_request
from resolvers.subjects import own_groups
from store.groups import count_groups_of_organizations, groups_by_ids, groups_of_organizations
from store.pages import PageRequest
from store.records import Count, OrganizationRecord, Page, StudentGroupRecord

__all__ = ["StudentGroupRecord", "at_organization", "by_id"]


async def by_id(asking: Asking, group: GroupId) -> StudentGroupRecord | None:
    async def load(ids: Sequence[GroupId]) -> Mapping[GroupId, StudentGroupRecord]:
        return await asking.reads.run(partial(groups_by_ids, ids=ids))

    return await batch_of(asking.batches, "student groups", load).get(group)


async def at_organization(
    asking: Asking, organization: OrganizationRecord, rule: AnyOf, first: int | None, after: str | None
) -> Listing[StudentGroupRecord]:
    """The organization's own groups that the rule lets the caller see; one statement for all organizations."""
    request = page_request(first, after)
    rows = _rows(asking, rule)
    page = await _pages(asking, request, rows).get(organization.id)
    found = page or Page((), (), has_next=False, has_previous=False)
    return Listing(found, lambda: _count(asking, organization.id, rows))


def _rows(asking: Asking, rule: AnyOf) -> RowFilter:
    """The rule as a row filter; one's own groups are those assigned to oneself."""
    rows = asking.rows(rule)
    own = own_groups(asking) if rows.own else frozenset[GroupId]()
    return RowFilter(Visible(rows.visible.ranges, rows.visible.groups | own), None, rows.own_systems)


def _pages(asking: Asking, request: PageRequest, rows: RowFilter) -> Batch[OrganizationId, Page[StudentGroupRecord]]:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, Page[StudentGroupRecord]]:
        return await asking.reads.run(
            partial(groups_of_organizations, organizations=ids, request=request, rows=rows, own=asking.own)
        )

    return batch_of(asking.batches, ("groups of organizations", request, rows), load)


async def _count(asking: Asking, organization: OrganizationId, rows: RowFilter) -> Count:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, Count]:
        return await asking.reads.run(
            partial(count_groups_of_organizations, organizations=ids, rows=rows, own=asking.own)
        )

    counted = await batch_of(asking.batches, ("count of groups", rows), load).get(organization)
    return counted or Count(0, 0)
