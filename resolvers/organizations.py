"""Organizations as fields: by reference, in lists, and up and down the tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from policy.access import AnyOf, RowFilter
from policy.facts import Level
from policy.ids import OrganizationId
from policy.reach import Range, Visible, merge
from resolvers.asking import Asking
from resolvers.batches import Batch, batch_of
from resolvers.pages import Listing, page_request
from resolvers.references import LevelAndCode, OrganizationReference
from resolvers.subjects import own_organizations
from store.organizations import (
    OrganizationFilter,
    count_organizations,
    organization_by_code,
    organizations_by_ids,
    organizations_page,
)
from store.records import OrganizationRecord, Page

__all__ = ["OrganizationRecord", "OrganizationsWanted", "by_id", "by_reference", "children", "listing", "parent"]


@dataclass(frozen=True, slots=True)
class OrganizationsWanted:
    """A filter as the document gave it. `by_parent` with no `parent`: an id that nothing has, so no rows."""

    name: str | None = None
    code: str | None = None
    level: Level | None = None
    parent: UUID | None = None
    by_parent: bool = False
    active: bool | None = None

    def stored(self) -> OrganizationFilter:
        """The filter as the store takes it."""
        return OrganizationFilter(
            level=self.level,
            parent=None if self.parent is None else OrganizationId(self.parent),
            code=self.code,
            name_prefix=self.name,
            active=self.active,
        )


async def by_id(asking: Asking, organization: OrganizationId | None) -> OrganizationRecord | None:
    return None if organization is None else await _batch(asking).get(organization)


async def by_reference(asking: Asking, reference: OrganizationReference | None) -> OrganizationRecord | None:
    match reference:
        case None:
            return None
        case LevelAndCode(level, code):
            return await asking.reads.run(partial(organization_by_code, level=level, code=code, own=asking.own))
        case _:
            return await by_id(asking, OrganizationId(reference))


async def parent(asking: Asking, organization: OrganizationRecord) -> OrganizationRecord | None:
    return await by_id(asking, organization.parent_id)


async def listing(
    asking: Asking, rule: AnyOf, wanted: OrganizationsWanted, first: int | None, after: str | None
) -> Listing[OrganizationRecord]:
    """A page of those that the rule lets the caller see, by name."""
    request = page_request(first, after)
    rows = RowFilter() if wanted.by_parent and wanted.parent is None else _rows(asking, rule)
    filters = wanted.stored()
    page = await asking.reads.run(
        partial(organizations_page, request=request, rows=rows, wanted=filters, own=asking.own)
    )
    _keep(asking, page)
    count = partial(count_organizations, rows=rows, wanted=filters, own=asking.own)
    return Listing(page, lambda: asking.reads.run(count))


async def children(
    asking: Asking, organization: OrganizationRecord, rule: AnyOf, first: int | None, after: str | None
) -> Listing[OrganizationRecord]:
    wanted = OrganizationsWanted(parent=organization.id, by_parent=True)
    return await listing(asking, rule, wanted, first, after)


def _rows(asking: Asking, rule: AnyOf) -> RowFilter:
    """The rule as a row filter; one's own organizations are those where one holds a role.

    A reach about certain roles shows no organization: those hold no role.
    """
    rows = asking.rows(rule)
    reached = [one for one in rows.visible.ranges if not one.roles]
    own = [Range(None, None, organization=one) for one in own_organizations(asking)] if rows.own else []
    return replace(rows, visible=Visible(merge((*reached, *own))), own=None)


def _keep(asking: Asking, page: Page[OrganizationRecord]) -> None:
    for row in page.rows:
        _batch(asking).prime(row.id, row)


def _batch(asking: Asking) -> Batch[OrganizationId, OrganizationRecord]:
    async def load(ids: Sequence[OrganizationId]) -> Mapping[OrganizationId, OrganizationRecord]:
        return await asking.reads.run(partial(organizations_by_ids, ids=ids, own=asking.own))

    return batch_of(asking.batches, "organizations", load)
