"""Users as fields: by reference, in lists, and at an organization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from policy.access import AnyOf, RowFilter
from policy.facts import UserStatus
from policy.ids import OrganizationId, ProgramCode, RoleSlug, UserId
from resolvers import organizations
from resolvers.asking import Asking
from resolvers.batches import Batch, batch_of
from resolvers.pages import Listing, page_request
from resolvers.references import Address, OrganizationReference, UserReference
from store.records import OrganizationRecord, UserRecord
from store.user_search import UserFilter
from store.users import user_by_email, users_by_ids
from store.users_page import count_users, users_page

__all__ = ["UserRecord", "UsersWanted", "at_organization", "by_id", "by_reference", "listing"]


@dataclass(frozen=True, slots=True)
class UsersWanted:
    """A filter as the document gave it. `by_organization` with no such organization: no rows."""

    name: str | None = None
    email: str | None = None
    status: UserStatus | None = None
    organization: OrganizationReference | None = None
    by_organization: bool = False
    program: ProgramCode | None = None
    role: RoleSlug | None = None

    def stored(self, organization: OrganizationId | None) -> UserFilter:
        """The filter as the store takes it, with the organization that was found."""
        return UserFilter(
            email_prefix=self.email,
            name_prefix=self.name,
            status=self.status,
            organization=organization,
            program=self.program,
            role=self.role,
        )


async def by_id(asking: Asking, user: UserId | None) -> UserRecord | None:
    return None if user is None else await _batch(asking).get(user)


async def by_reference(asking: Asking, reference: UserReference | None) -> UserRecord | None:
    match reference:
        case None:
            return None
        case Address(text):
            return await asking.reads.run(partial(user_by_email, address=text, own=asking.own))
        case _:
            return await by_id(asking, UserId(reference))


async def listing(
    asking: Asking, rule: AnyOf, wanted: UsersWanted, first: int | None, after: str | None
) -> Listing[UserRecord]:
    """A page of those that the rule lets the caller see, by name."""
    organization = await organizations.by_reference(asking, wanted.organization)
    nowhere = wanted.by_organization and organization is None
    filters = wanted.stored(organization.id if organization else None)
    rows = RowFilter() if nowhere else asking.rows(rule)
    return await _page(asking, rows, filters, first, after)


async def at_organization(
    asking: Asking, organization: OrganizationRecord, rule: AnyOf, first: int | None, after: str | None
) -> Listing[UserRecord]:
    """Those who hold a role there that the caller may see."""
    filters = UserFilter(organization=OrganizationId(organization.id))
    return await _page(asking, asking.rows(rule), filters, first, after)


async def _page(
    asking: Asking, rows: RowFilter, filters: UserFilter, first: int | None, after: str | None
) -> Listing[UserRecord]:
    request = page_request(first, after)
    page = await asking.reads.run(partial(users_page, request=request, rows=rows, wanted=filters, own=asking.own))
    for row in page.rows:
        _batch(asking).prime(row.id, row)
    count = partial(count_users, rows=rows, wanted=filters, own=asking.own)
    return Listing(page, lambda: asking.reads.run(count))


def _batch(asking: Asking) -> Batch[UserId, UserRecord]:
    async def load(ids: Sequence[UserId]) -> Mapping[UserId, UserRecord]:
        return await asking.reads.run(partial(users_by_ids, users=ids, own=asking.own))

    return batch_of(asking.batches, "users", load)
