"""A search for users: the shape of the caller's reach decides by which index the first rows are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from policy.access import RowFilter
from policy.facts import UserStatus
from policy.ids import OrganizationId, ProgramCode, RoleSlug
from policy.reach import Range
from store.composed import Parameters, fill
from store.keys_of import after_prefix, email_key, text_key
from store.pages import MOST_ROWS
from store.ranges import MOST_WRITTEN_OUT
from store.reach import ReachedRows
from store.user_words import FEW, containing_all, contains, name_begins, part_key


@dataclass(frozen=True, slots=True)
class UserFilter:
    """What a list of users is narrowed to; all that is given must hold.

    `name_prefix` is of "last first" (accents and case don't matter). `organization`, `program` and `role` are of one
    and the same assignment, of the current or upcoming year, that the caller may see.
    """

    email_prefix: str | None = None
    name_prefix: str | None = None
    name_part: str | None = None
    """How the first or last name begins, or a part of either."""
    contains: str | None = None
    """Words that each stand somewhere in name or address; one of them has three characters or more."""
    status: UserStatus | None = None
    organization: OrganizationId | None = None
    program: ProgramCode | None = None
    role: RoleSlug | None = None

    @property
    def by_assignment(self) -> bool:
        return self.organization is not None or self.program is not None or self.role is not None


@dataclass(frozen=True, slots=True)
class Stream:
    """Assignments of one place, program and year, which an index holds in the order of their people's names."""

    lea: UUID | None
    organization: UUID | None
    schools_only: bool
    program: str
    school_year: str
    roles: frozenset[RoleSlug]


def streams_of(
    ranges: tuple[Range, ...], counting: tuple[tuple[str, str], ...], program: ProgramCode | None
) -> tuple[Stream, ...]:
    """The ranges' streams, each once. `program`: of that program alone."""
    return tuple(dict.fromkeys(_streams(ranges, counting, program)))


def _streams(
    ranges: tuple[Range, ...], counting: tuple[tuple[str, str], ...], wanted: ProgramCode | None
) -> Iterator[Stream]:
    for one in ranges:
        for program, year in counting:
            if one.program not in (None, program) or wanted not in (None, program):
                continue
            through = one.through_year and one.school_year is not None and year < one.school_year
            if one.school_year in (None, year) or through:
                yield Stream(one.lea, one.organization, one.schools_only, program, year, one.roles)


@dataclass(slots=True)
class UserSearch:
    """One search in the making: the parameters and conditions that its parts share.

    `after_key`, `after_id` and `limit` stand in the statement as they are. `counting`: the (program, year) pairs whose
    assignments say where a person lies, where they are known; else the statement reads them.
    """

    rows: RowFilter
    wanted: UserFilter
    parameters: Parameters
    reached: ReachedRows
    after_key: str
    after_id: str
    limit: str
    most: str = str(MOST_ROWS + 1)
    """A constant that the limit doesn't exceed: what plans are made for."""
    counting: tuple[tuple[str, str], ...] | None = None
    place: str | None = None
    """The organization in question as an expression, where it isn't given by its id."""
    streams: str = ""

    @property
    def position(self) -> dict[str, str]:
        return {"after_key": self.after_key, "after_id": self.after_id}

    def ctes(self) -> tuple[str, ...]:
        """What the candidates read, beside what `reached` has used."""
        return (self.streams,) if self.streams else ()

    @property
    def by_assignment(self) -> bool:
        return self.wanted.by_assignment or self.place is not None

    def candidates(self, *, ordered: bool = True) -> str:
        """(name_key, user_id) of the rows in question, each once, in the page's order."""
        everything = self.reached.everything
        order = " order by name_key, user_id" if ordered else ""
        found: list[str] = []
        if self._walks:
            found.append(self._walk())
        elif everything and not self._at_organization and self.reached.cut:
            found.append(self._from_own_rules())
        elif self.rows.visible.ranges:
            written = self._written_out()
            found.extend(written or [self._from_streams()])
        if self.rows.own is not None:
            found.append(self._oneself(self.rows.own))
        return " union ".join(found) + order

    @property
    def is_unique(self) -> bool:
        """Whether the candidates can't name a user twice."""
        return self._walks and self.rows.own is None

    @property
    def _walks(self) -> bool:
        """Whether the first rows are found among the users themselves: where streams would be gone through for few."""
        if self.reached.everything and not self.reached.cut and not self.by_assignment:
            return True
        return self._is_searched or (
            self._is_statewide and self.wanted.status is not None and not self._at_organization
        )

    @property
    def _is_statewide(self) -> bool:
        return any(one.lea is None and one.organization is None for one in self.rows.visible.ranges)

    @property
    def _is_searched(self) -> bool:
        """Whether the users are found by what was typed: where the reach holds no smaller part, or by an address."""
        typed = (self.wanted.email_prefix, self.wanted.name_part, self.wanted.contains)
        statewide = self._is_statewide and any(one is not None for one in typed)
        return (statewide or self._is_addressed) and not self._at_organization

    @property
    def _is_addressed(self) -> bool:
        return self.wanted.email_prefix is not None and "@" in self.wanted.email_prefix

    def _walk(self) -> str:
        if not self._is_searched:
            return self._walk_of("users")
        if self._is_addressed:
            return self._walk_of(fill("users", "addressed", **self._addresses()), addressed=False)
        if self.wanted.contains is not None:
            return self._walk_of(containing_all(self.parameters, self.wanted.contains))
        return self._few_or_many()

    def _walk_of(self, users: str, *, addressed: bool = True) -> str:
        filters = self._user_filters("u", addressed=addressed)
        return fill("users", "walk", users=users, user_filters=filters, seen=self._seen_on_the_way(), **self.position)

    def _few_or_many(self) -> str:
        """By the beginning of a name part, else of an address, wherever in the state."""
        part, address = self.wanted.name_part, self.wanted.email_prefix or ""
        key, found = (email_key(address), "found_by_address") if part is None else (part_key(part), "found_by_word")
        start, behind = self.parameters.add(key, "text"), self.parameters.add(after_prefix(key), "text")
        many = "users u"
        if part is None or len(key) > 1:
            kind = "many_by_address" if part is None else "many_by_word"
            many = fill("users", kind, start=start) + " u"
        return fill(
            "users", "few_or_many", found=fill("users", found, start=start, behind=behind), few=str(FEW), many=many,
            user_filters=self._user_filters("u"), filters_of_many=self._user_filters("u", addressed=part is not None),
            seen=self._seen_on_the_way(), most=self.most, limit=self.limit, **self.position,
        )  # fmt: skip

    def _seen_on_the_way(self) -> str:
        seen = ""
        if self.by_assignment or not self.reached.everything:
            seen = fill(
                "users", "reached_by_assignment", counts_this_year=fill("ranges", "counts_this_year", a="a"),
                within=self.reached.within("a"), assignment_filters=self._assignment_filters(),
            )  # fmt: skip
        if self.reached.cut and not self.by_assignment:
            seen += f" and {self.reached.user_in_own_systems('u.id')}"
        return seen

    def _assignment_filters(self) -> str:
        filters = ""
        for column, value in (("program", self.wanted.program), ("role", self.wanted.role)):
            if value is not None:
                filters += f" and a.{column} = {self.parameters.add(value, 'text')}"
        if self.reached.cut and self.by_assignment:
            filters += f" and {self.reached.assignment_in_own_systems('a')}"
        return filters

    def _addresses(self) -> dict[str, str]:
        key = email_key(self.wanted.email_prefix or "")
        return {
            "email_key": self.parameters.add(key, "text"),
            "behind": self.parameters.add(after_prefix(key), "text"),
        }

    def _from_own_rules(self) -> str:
        return fill(
            "users",
            "from_own_rules",
            rules=self.reached.own_rules(),
            gives=self.reached.assignment_in_own_systems("a"),
            match=self._match(own=False),
            most=self.most,
            limit=self.limit,
            **self.position,
        )

    def _from_streams(self) -> str:
        filters = ""
        if self.wanted.program is not None:
            filters += f" and c.program = {self.parameters.add(self.wanted.program, 'text')}"
        if not self.streams:  # else those of another search in the same statement
            self.streams = self._streams(filters)
        return fill(
            "users", "from_streams", match=self._match(own=True), most=self.most, limit=self.limit, **self.position
        )

    def _streams(self, filters: str) -> str:
        if not self._at_organization:
            return fill("users", "streams", reach=self.reached.table(), stream_filters=filters)
        return fill(
            "users", "streams_at_organization", reach=self.reached.table(), organization=self._organization(),
            stream_filters=filters,
        )  # fmt: skip

    @property
    def _at_organization(self) -> bool:
        return self.wanted.organization is not None or self.place is not None

    def _organization(self) -> str:
        return self.place or self.parameters.add(self.wanted.organization, "uuid")

    def _written_out(self) -> list[str]:
        """One ordered way per range, program and year, where these are few; none where they are many or statewide."""
        if self.counting is None or self._at_organization:
            return []
        found = streams_of(self.rows.visible.ranges, self.counting, self.wanted.program)
        if len(found) > MOST_WRITTEN_OUT or any(one.lea is None and one.organization is None for one in found):
            return []
        return [self._stream(one) for one in found] or [
            "select null::text as name_key, null::uuid as user_id where false"
        ]

    def _stream(self, one: Stream) -> str:
        place, value = ("lea_id", one.lea) if one.lea is not None else ("organization_id", one.organization)
        filters = " and a.organization_id <> a.lea_id" if one.schools_only else ""
        if one.roles:
            filters += f" and a.role = any({self.parameters.add(sorted(one.roles), 'text[]')})"
        return fill(
            "users", "stream", place=place, value=self.parameters.add(value, "uuid"),
            program=self.parameters.add(one.program, "text"), year=self.parameters.add(one.school_year, "text"),
            filters=filters, match=self._match(own=True), most=self.most, limit=self.limit, **self.position,
        )  # fmt: skip

    def _match(self, *, own: bool) -> str:
        """Conditions on a candidate's assignment `a`. `own`: own systems are not yet looked at."""
        conditions = [" and a.status <> 'expired'"]
        if self.wanted.role is not None:
            conditions.append(f"a.role = {self.parameters.add(self.wanted.role, 'text')}")
        if not own and self.wanted.program is not None:
            conditions.append(f"a.program = {self.parameters.add(self.wanted.program, 'text')}")
        conditions += self._name_bound("a.name_key")
        conditions += self._name_part("a.name_key")
        wanted = self.wanted
        if wanted.email_prefix is not None or wanted.status is not None or wanted.contains is not None:
            conditions.append(fill("users", "user_matches", user_filters=self._user_filters("mu", named=False)))
        if own and self.reached.cut:
            one_of_own = (
                self.reached.assignment_in_own_systems("a")
                if self.by_assignment
                else self.reached.user_in_own_systems("a.user_id")
            )
            conditions.append(one_of_own)
        return " and ".join(conditions)

    def _oneself(self, person: UUID) -> str:
        assignment = ""
        if self.by_assignment:
            filters = [
                f" and a.{column} = {self.parameters.add(value, kind)}"
                for column, value, kind in (
                    ("organization_id", self.wanted.organization, "uuid"),
                    ("program", self.wanted.program, "text"),
                    ("role", self.wanted.role, "text"),
                )
                if value is not None
            ]
            if self.place is not None:
                filters.append(f" and a.organization_id = {self.place}")
            counts = fill("ranges", "counts_this_year", a="a")
            assignment = fill("users", "own_assignment", counts_this_year=counts, assignment_filters="".join(filters))
        own = self.parameters.add(person, "uuid")
        return fill(
            "users", "one", own=own, user_filters=self._user_filters("u"), own_assignment=assignment, **self.position
        )

    def _user_filters(self, u: str, *, named: bool = True, addressed: bool = True) -> str:
        column = f"{u}.name_key"
        conditions = [*self._name_bound(column), *self._name_part(column)] if named else []
        if self.wanted.contains is not None:
            conditions += contains(self.parameters, u, self.wanted.contains)
        if self.wanted.status is not None:
            conditions.append(f"{u}.status = {self.parameters.add(self.wanted.status.value, 'text')}")
        if self.wanted.email_prefix is not None and addressed:
            bounds = self._addresses()
            conditions.append(f"{u}.email_key >= {bounds['email_key']}")
            conditions.append(f"{u}.email_key < {bounds['behind']}")
        return "".join(f" and {one}" for one in conditions)

    def _name_bound(self, column: str) -> list[str]:
        """The end of the prefix's range; its beginning is where the page starts."""
        if self.wanted.name_prefix is None:
            return []
        return [f"{column} < {self.parameters.add(after_prefix(text_key(self.wanted.name_prefix)), 'text')}"]

    def _name_part(self, column: str) -> list[str]:
        return [] if self.wanted.name_part is None else [name_begins(self.parameters, column, self.wanted.name_part)]
