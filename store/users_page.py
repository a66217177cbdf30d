"""Pages and counts of users: the shape of the caller's reach decides by which index the first rows are found."""

from dataclasses import dataclass, field
from uuid import UUID

from policy.access import RowFilter
from policy.facts import UserStatus
from policy.ids import OrganizationId, ProgramCode, RoleSlug
from store.composed import Parameters, fill
from store.connection import Connection
from store.keys_of import after_prefix, email_key, text_key
from store.own_systems import OwnSystems
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_key_cursor, start_behind, write_cursor
from store.reach import ReachedRows, with_clause
from store.records import Count, Page, UserRecord
from store.users import user_columns, user_record

_KIND = "users"


@dataclass(frozen=True, slots=True)
class UserFilter:
    """What a list of users is narrowed to; all that is given must hold.

    `name_prefix` is of "last first" (accents and case don't matter). `organization`, `program` and `role` are of one
    and the same assignment, of the current or upcoming year, that the caller may see.
    """

    email_prefix: str | None = None
    name_prefix: str | None = None
    status: UserStatus | None = None
    organization: OrganizationId | None = None
    program: ProgramCode | None = None
    role: RoleSlug | None = None

    @property
    def by_assignment(self) -> bool:
        return self.organization is not None or self.program is not None or self.role is not None


EVERY_USER = UserFilter()


async def users_page(
    connection: Connection,
    request: PageRequest,
    rows: RowFilter,
    wanted: UserFilter = EVERY_USER,
    own: OwnSystems | None = None,
) -> Page[UserRecord]:
    """A page of the users that the caller may see, by name. One statement. Raises PageRefusedError."""
    after_key, after_id = read_key_cursor(_KIND, request.after)
    if _holds_no_user(rows):
        return Page((), (), has_next=False, has_previous=request.after is not None)
    search = _Search(rows, wanted, own, after_key, after_id, request.first + 1)
    candidates = search.candidates()
    columns = user_columns(search.reached)
    text = fill(
        "users", "page", **{"with": search.with_clause()}, columns=columns, candidates=candidates, limit=search.limit
    )
    found = await connection.fetch(text, *search.parameters.values)
    return page_of(found, request, user_record, lambda row: write_cursor(_KIND, row["name_key"], str(row["id"])))


async def count_users(
    connection: Connection, rows: RowFilter, wanted: UserFilter = EVERY_USER, own: OwnSystems | None = None
) -> Count:
    """How many users the page's list holds in all. One statement."""
    if _holds_no_user(rows):
        return Count(0, 0)
    search = _Search(rows, wanted, own, "", UUID(int=0), COUNTED_EXACTLY + 1)
    candidates = search.candidates(ordered=False)
    text = fill("users", "count", **{"with": search.with_clause()}, candidates_unordered=candidates, limit=search.limit)
    return count_of(await connection.fetchval(text, *search.parameters.values))


def _holds_no_user(rows: RowFilter) -> bool:
    return rows.own is None and not rows.visible.ranges


@dataclass(slots=True)
class _Search:
    """One search in the making: the parameters and conditions that its parts share."""

    rows: RowFilter
    wanted: UserFilter
    own: OwnSystems | None
    after_key: str
    after_id: UUID
    most: int
    parameters: Parameters = field(default_factory=Parameters)
    streams: str = ""
    reached: ReachedRows = field(init=False)
    limit: str = field(init=False)
    position: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.reached = ReachedRows(self.parameters, self.rows, self.own)
        start_key, start_id = start_behind((self.after_key, self.after_id), self.wanted.name_prefix)
        self.position = {
            "after_key": self.parameters.add(start_key, "text"),
            "after_id": self.parameters.add(start_id, "uuid"),
        }
        self.limit = self.parameters.add(self.most, "int")

    def with_clause(self) -> str:
        return with_clause(*self.reached.ctes(), *([self.streams] if self.streams else []))

    def candidates(self, *, ordered: bool = True) -> str:
        """(name_key, user_id) of the rows in question, each once, in the page's order."""
        everything = self.reached.everything
        order = " order by name_key, user_id" if ordered else ""
        if everything and not self.reached.cut and not self.wanted.by_assignment:
            return fill("users", "walk", user_filters=self._user_filters("u"), **self.position) + order
        found: list[str] = []
        if everything and self.wanted.organization is None and self.reached.cut:
            found.append(self._from_own_rules())
        elif self.rows.visible.ranges:
            found.append(self._from_streams())
        if self.rows.own is not None:
            found.append(self._oneself(self.rows.own))
        return " union ".join(found) + order

    def _from_own_rules(self) -> str:
        self.reached.use_own_rules()
        return fill(
            "users", "from_own_rules", gives=self.reached.gives("a"), match=self._match(own=False),
            limit=self.limit, **self.position,
        )  # fmt: skip

    def _from_streams(self) -> str:
        self.reached.use_ranges()
        filters = ""
        if self.wanted.program is not None:
            filters += f" and c.program = {self.parameters.add(self.wanted.program, 'text')}"
        if self.wanted.organization is None:
            self.streams = fill("users", "streams", stream_filters=filters)
        else:
            organization = self.parameters.add(self.wanted.organization, "uuid")
            self.streams = fill("users", "streams_at_organization", organization=organization, stream_filters=filters)
        return fill("users", "from_streams", match=self._match(own=True), limit=self.limit, **self.position)

    def _match(self, *, own: bool) -> str:
        """Conditions on a candidate's assignment `a`. `own`: own systems are not yet looked at."""
        conditions = [" and a.status <> 'expired'"]
        if self.wanted.role is not None:
            conditions.append(f"a.role = {self.parameters.add(self.wanted.role, 'text')}")
        if not own and self.wanted.program is not None:
            conditions.append(f"a.program = {self.parameters.add(self.wanted.program, 'text')}")
        conditions += self._name_bound("a.name_key")
        if self.wanted.email_prefix is not None or self.wanted.status is not None:
            conditions.append(fill("users", "user_matches", user_filters=self._user_filters("mu", named=False)))
        if own and self.reached.cut:
            one_of_own = (
                self.reached.assignment_in_own_systems("a")
                if self.wanted.by_assignment
                else self.reached.user_in_own_systems("a.user_id")
            )
            conditions.append(one_of_own)
        return " and ".join(conditions)

    def _oneself(self, person: UUID) -> str:
        assignment = ""
        if self.wanted.by_assignment:
            filters = [
                f" and a.{column} = {self.parameters.add(value, kind)}"
                for column, value, kind in (
                    ("organization_id", self.wanted.organization, "uuid"),
                    ("program", self.wanted.program, "text"),
                    ("role", self.wanted.role, "text"),
                )
                if value is not None
            ]
            counts = fill("reach", "counts_this_year", a="a")
            assignment = fill("users", "own_assignment", counts_this_year=counts, assignment_filters="".join(filters))
        own = self.parameters.add(person, "uuid")
        return fill(
            "users", "one", own=own, user_filters=self._user_filters("u"), own_assignment=assignment, **self.position
        )

    def _user_filters(self, u: str, *, named: bool = True) -> str:
        conditions = self._name_bound(f"{u}.name_key") if named else []
        if self.wanted.status is not None:
            conditions.append(f"{u}.status = {self.parameters.add(self.wanted.status.value, 'text')}")
        if self.wanted.email_prefix is not None:
            key = email_key(self.wanted.email_prefix)
            conditions.append(f"{u}.email_key >= {self.parameters.add(key, 'text')}")
            conditions.append(f"{u}.email_key < {self.parameters.add(after_prefix(key), 'text')}")
        return "".join(f" and {one}" for one in conditions)

    def _name_bound(self, column: str) -> list[str]:
        """The end of the prefix's range; its beginning is where the page starts."""
        if self.wanted.name_prefix is None:
            return []
        return [f"{column} < {self.parameters.add(after_prefix(text_key(self.wanted.name_prefix)), 'text')}"]
