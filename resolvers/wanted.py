"""Filters of root lists as documents give them, and what each of them means to the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from policy.facts import Level, UserStatus
from policy.ids import OrganizationId, ProgramCode, RoleSlug
from resolvers.references import LevelAndCode, OrganizationReference
from resolvers.refusals import bad_input
from store.compile import ByCode, Sought
from store.organization_search import OrganizationFilter
from store.tables import Rows, Table
from store.user_search import UserFilter
from store.user_words import SHORTEST_PART, is_searchable, part_key

_EVERY: Final[Mapping[Rows, Sought]] = {
    Rows.USERS: Sought(UserFilter()),
    Rows.ORGANIZATIONS: Sought(OrganizationFilter()),
}


class Wanted(Protocol):
    """A filter as the document gave it."""

    def sought(self) -> Sought: ...


@dataclass(frozen=True, slots=True)
class UsersWanted:
    """`by_organization` with no such organization: no rows."""

    name: str | None = None
    name_part: str | None = None
    contains: str | None = None
    email: str | None = None
    status: UserStatus | None = None
    organization: OrganizationReference | None = None
    by_organization: bool = False
    program: ProgramCode | None = None
    role: RoleSlug | None = None

    def sought(self) -> Sought:
        if self.contains is not None and not is_searchable(self.contains):
            raise bad_input(
                f"{self.contains!r} is too short to be looked for anywhere in a name or address: type a word of at "
                f"least {SHORTEST_PART} characters, or use `namePart` or `email` for how it begins."
            )
        if self.name_part is not None and not part_key(self.name_part):
            raise bad_input("`namePart` holds no letter or digit: type how the first or last name begins.")
        match self.organization:
            case LevelAndCode(level, code):
                return Sought(self._filter(None), organization=ByCode(level, code))
            case UUID() as identifier:
                return Sought(self._filter(OrganizationId(identifier)))
            case _:
                return Sought(self._filter(None), nothing=self.by_organization)

    def _filter(self, organization: OrganizationId | None) -> UserFilter:
        return UserFilter(
            name_part=self.name_part,
            contains=self.contains,
            email_prefix=self.email,
            name_prefix=self.name,
            status=self.status,
            organization=organization,
            program=self.program,
            role=self.role,
        )


@dataclass(frozen=True, slots=True)
class OrganizationsWanted:
    """`by_parent` with no `parent`: an id that nothing has, so no rows."""

    name: str | None = None
    code: str | None = None
    level: Level | None = None
    parent: UUID | None = None
    by_parent: bool = False
    active: bool | None = None

    def sought(self) -> Sought:
        filters = OrganizationFilter(
            level=self.level,
            parent=None if self.parent is None else OrganizationId(self.parent),
            code=self.code,
            name_prefix=self.name,
            active=self.active,
        )
        return Sought(filters, nothing=self.by_parent and self.parent is None)


def sought_of(table: Table, wanted: Wanted | None) -> Sought:
    """What is sought of the table; without a filter, all."""
    return _EVERY[table.rows] if wanted is None else wanted.sought()
