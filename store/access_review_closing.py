"""What the daily work does with access reviews: whom to remind, and the settling of what nobody answered."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from policy.ids import AssignmentId, OrganizationId, ProgramCode, SchoolYear, UserId
from policy.reviews import Unanswered
from store.access_reviews import FILE, AnswererOfYear, answerer_rows
from store.composed import Parameters, fill
from store.connection import Connection
from store.statements import statements
from store.suspensions import BY_REVIEW

_NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class DueReview:
    """An open review whose last day is near; `reminded`: the marks that were told."""

    id: UUID
    program: ProgramCode
    school_year: SchoolYear
    organization: OrganizationId
    due_on: date
    reminded: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OverdueReview:
    id: UUID
    program: ProgramCode
    school_year: SchoolYear
    organization: OrganizationId
    due_on: date
    unanswered: Unanswered
    started_by: UserId
    closing: bool
    """Whether it has begun to close."""


@dataclass(frozen=True, slots=True)
class UnansweredItem:
    """`counts`: its assignment hasn't ended; `active`: nor is it suspended."""

    id: UUID
    assignment: AssignmentId
    user: UserId
    organization: OrganizationId
    counts: bool
    active: bool


async def reviews_to_remind(
    connection: Connection, first: date, last: date, behind: UUID | None
) -> Sequence[DueReview]:
    """Open ones with their last day among these, behind that id."""
    rows = await connection.fetch(statements(FILE)["to_remind"], first, last, behind or _NIL)
    return [
        DueReview(
            row["id"], row["program"], row["school_year"], row["organization_id"], row["due_on"],
            tuple(row["reminded"]),
        )
        for row in rows
    ]  # fmt: skip


async def whom_to_remind(
    connection: Connection, review: UUID, answerers: Iterable[AnswererOfYear], today: date
) -> list[UserId]:
    """Everybody by whose role some open item of the review is answered, each once."""
    parameters = Parameters()
    given, rows = parameters.add(today, "date"), parameters.add(answerer_rows(answerers), "jsonb")
    text = fill(
        FILE, "whom_to_remind", answerers=fill(FILE, "answerers", rows=rows),
        review=parameters.add(review, "uuid"),
        **{name: fill(FILE, name, today=given) for name in ("live", "counts", "unfilled")},
    )  # fmt: skip
    return [row["user_id"] for row in await connection.fetch(text, *parameters.values)]


async def set_reminded(connection: Connection, review: UUID, mark: int) -> None:
    await connection.execute(statements(FILE)["set_reminded"], review, mark)


async def next_to_close(connection: Connection, today: date) -> OverdueReview | None:
    """The review that is closing or has to, locked: nobody answers while a portion of it is settled."""
    row = await connection.fetchrow(statements(FILE)["next_to_close"], today)
    if row is None:
        return None
    return OverdueReview(
        row["id"], row["program"], row["school_year"], row["organization_id"], row["due_on"],
        Unanswered(row["unanswered"]), row["started_by"], row["closing_at"] is not None,
    )  # fmt: skip


async def begin_closing(connection: Connection, review: UUID, now: datetime) -> None:
    """From here on nobody answers."""
    await connection.execute(statements(FILE)["begin_closing"], review, now)


async def unanswered_portion(connection: Connection, review: UUID, today: date, most: int) -> Sequence[UnansweredItem]:
    rows = await connection.fetch(statements(FILE)["portion"], review, today, most)
    return [
        UnansweredItem(
            row["id"], row["assignment_id"], row["user_id"], row["organization_id"], row["status"] is not None,
            row["status"] == "active",
        )
        for row in rows
    ]  # fmt: skip


async def settle(connection: Connection, outcomes: Collection[tuple[UUID, str]], comment: str, now: datetime) -> None:
    """Each item's outcome; what is `suspended` and was active is suspended, with the comment.

    The persons are locked, and the caller raises their access versions afterwards.
    """
    await connection.execute(
        statements(FILE)["settle"], [one for one, _ in outcomes], [outcome for _, outcome in outcomes], comment, now,
        BY_REVIEW,
    )  # fmt: skip


async def count_answers(connection: Connection, review: UUID) -> tuple[int, int]:
    """How many items were answered, and how many that hadn't ended were not."""
    row = await connection.fetchrow(statements(FILE)["count_answers"], review)
    return (0, 0) if row is None else (row["answered"], row["unanswered"])


async def close_review(connection: Connection, review: UUID, now: datetime) -> None:
    await connection.execute(statements(FILE)["close"], review, now)
