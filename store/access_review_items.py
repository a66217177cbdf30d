"""Items of access reviews: pages within reach, with whether somebody answers for them, their answers and progress."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from policy.access import RowFilter
from policy.facts import Assignment, AssignmentStatus, Level, Organization
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.reviews import Answerable, ReviewAnswer
from store.access_reviews import FILE, AnswererOfYear, answerer_rows
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.ranges import RangeConditions
from store.reach import ReachedRows, with_clause
from store.records import Count, Page
from store.statements import statements
from store.tables import Rows

_CURSOR: Final = "items of an access review"


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    answer: ReviewAnswer
    reason: str | None
    by: UserId
    under: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewItemRecord:
    """`assignment`: as it was when the review began; `now`: as it is, None: it has ended.

    `somebody_else`: whether anybody but its holder has a role by which it is answered; True where that wasn't asked.
    """

    id: UUID
    review: UUID
    user: UserId
    first_name: str
    last_name: str
    assignment: Assignment
    now: Assignment | None
    answered: AnswerRecord | None
    outcome: str | None
    somebody_else: bool

    @property
    def gone(self) -> bool:
        """Nobody answered, and the assignment has ended; of a closed review: when it closed."""
        if self.answered is not None:
            return False
        return self.now is None if self.outcome is None else self.outcome == "gone"

    @property
    def changed(self) -> bool:
        """The assignment counts still, but not as it was."""
        return self.now is not None and self.outcome is None and self.now != self.assignment


@dataclass(frozen=True, slots=True)
class Mine:
    """The items that a viewer may answer or, with `yes` false, the others."""

    yes: bool
    user: UserId
    answerable: Answerable


@dataclass(frozen=True, slots=True)
class ItemsSought:
    """`answerers`: by what roles items are answered, where the viewer must know whether somebody does."""

    rows: RowFilter
    today: date
    review: UUID | None = None
    ids: frozenset[UUID] | None = None
    answered: bool | None = None
    mine: Mine | None = None
    answerers: tuple[AnswererOfYear, ...] | None = None


async def page_of_items(connection: Connection, sought: ItemsSought, request: PageRequest) -> Page[ReviewItemRecord]:
    """By name. Raises PageRefusedError for a cursor that isn't one of this list."""
    statement = _Statement(sought)
    if request.after is not None:
        statement.narrow(_behind(statement.parameters, request.after))
    return page_of(await statement.rows(connection, request.first + 1), request, _record, _cursor)


async def items_by_ids(connection: Connection, sought: ItemsSought) -> dict[UUID, ReviewItemRecord]:
    """Those of `sought.ids` that the reader sees."""
    rows = await _Statement(sought).rows(connection, len(sought.ids or ()))
    return {row["id"]: _record(row) for row in rows}


async def count_items(connection: Connection, sought: ItemsSought) -> Count:
    statement = _Statement(sought)
    limit = statement.parameters.add(COUNTED_EXACTLY + 1, "int")
    parts = {"with": statement.with_, "from": statement.from_, "limit": limit}
    return count_of(await connection.fetchval(fill(FILE, "count_items", **parts), *statement.parameters.values))


async def answer_items(
    connection: Connection,
    given: Mapping[UUID, str],
    answer: ReviewAnswer,
    reason: str | None,
    by: UserId,
    at: datetime,
) -> None:
    """The same answer to all of them, in the place of an earlier one; `given`: by item, under which role."""
    await connection.execute(
        statements(FILE)["answer"], list(given), answer.value, reason, by, list(given.values()), at
    )  # fmt: skip


class _Statement:
    """One list's statement: what it is put together from, in the order in which its parameters are added."""

    def __init__(self, sought: ItemsSought) -> None:
        self.parameters = Parameters()
        self._ranges = RangeConditions(self.parameters)
        self._today = self.parameters.add(sought.today, "date")
        reached = ReachedRows(self.parameters, sought.rows, None, self._ranges).assignment("i")
        self._answerers: str | None = None
        if sought.answerers is not None:
            rows = self.parameters.add(answerer_rows(sought.answerers), "jsonb")
            self._answerers = fill(FILE, "answerers", rows=rows)
        self._reached = reached
        self._narrowed = self._of(sought)

    def narrow(self, condition: str) -> None:
        self._narrowed += f"\n{condition}"

    @property
    def with_(self) -> str:
        return with_clause(*self._ranges.ctes(), *([self._answerers] if self._answerers else []))

    @property
    def from_(self) -> str:
        live = fill(FILE, "live", today=self._today)
        return fill(FILE, "from_items", live=live, reached=self._reached, narrowed=self._narrowed)

    async def rows(self, connection: Connection, limit: int) -> Sequence[Row]:
        parts = {"with": self.with_, "from": self.from_, "limit": self.parameters.add(limit, "int")}
        text = fill(FILE, "items", somebody=self._somebody(), **parts)
        return await connection.fetch(text, *self.parameters.values)

    def _somebody(self) -> str:
        if self._answerers is None:
            return "true"
        parts = {name: fill(FILE, name, today=self._today) for name in ("counts", "unfilled")}
        return fill(FILE, "somebody", **parts)

    def _of(self, sought: ItemsSought) -> str:
        found = ""
        if sought.review is not None:
            found += "\n" + fill(FILE, "of_review", review=self.parameters.add(sought.review, "uuid"))
        if sought.ids is not None:
            found += "\n" + fill(FILE, "of_ids", ids=self.parameters.add(sorted(sought.ids), "uuid[]"))
        if sought.answered is not None:
            found += "\n" + fill(FILE, "answered" if sought.answered else "unanswered")
        if sought.mine is not None:
            found += self._mine(sought.mine)
        return found

    def _mine(self, mine: Mine) -> str:
        ranges = mine.answerable
        as_state = ranges.state and self._answerers is not None
        return fill(
            FILE, "mine", user=self.parameters.add(mine.user, "uuid"),
            primary=self._ranges.condition(Rows.ASSIGNMENTS, "a", ranges.primary),
            others=self._ranges.condition(Rows.ASSIGNMENTS, "a", ranges.others),
            state=fill(FILE, "as_state", somebody=self._somebody()) if as_state else "",
            mine="true" if mine.yes else "not true",
        )  # fmt: skip


def _behind(parameters: Parameters, after: str) -> str:
    name, user, identifier = read_cursor(_CURSOR, 3, after)
    return fill(
        FILE, "behind_item", name_key=parameters.add(name, "text"), user_id=parameters.add(UUID(user), "uuid"),
        id=parameters.add(UUID(identifier), "uuid"),
    )  # fmt: skip


def _cursor(row: Row) -> str:
    return write_cursor(_CURSOR, row["name_key"], str(row["user_id"]), str(row["id"]))


def _record(row: Row) -> ReviewItemRecord:
    where = Organization(
        OrganizationId(row["organization_id"]), Level(row["level"]), row["code"], row["name"], row["lea_id"], None,
        row["active"],
    )  # fmt: skip
    now = None
    if row["status_now"] is not None:
        now = _assignment(row, where, row["status_now"], primary=row["primary_now"], last_day=row["last_day_now"])
    answered = None
    if row["answer"] is not None:
        answered = AnswerRecord(
            ReviewAnswer(row["answer"]), row["reason"], row["answered_by"], row["answered_under"], row["answered_at"]
        )
    return ReviewItemRecord(
        row["id"], row["review_id"], row["user_id"], row["first_name"], row["last_name"],
        _assignment(row, where, row["status"], primary=row["primary"], last_day=row["last_day"]),
        now, answered, row["outcome"], row["somebody"],
    )  # fmt: skip


def _assignment(row: Row, where: Organization, status: str, *, primary: bool, last_day: date | None) -> Assignment:
    return Assignment(
        AssignmentId(row["assignment_id"]), ProgramCode(row["program"]), RoleSlug(row["role"]), where,
        SchoolYear(row["school_year"]), AssignmentStatus(status), primary, last_day,
    )  # fmt: skip


def users_of(items: Collection[ReviewItemRecord]) -> list[UserId]:
    return sorted({one.user for one in items})
