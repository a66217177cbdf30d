"""What introspections' answers rest on: for each one text, which one statement computes again for many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from store.composed import fill
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Question:
    """A token told to a caller. `authorization` is None for a system's own token."""

    caller: str
    client_id: str
    authorization: UUID | None
    jti: UUID


async def read_marks(connection: Connection, questions: Sequence[Question]) -> list[str | None]:
    """The marks in the order of the questions; None: there is no such caller or client.

    Read it before the facts: what is older than they are is only read once more.
    """
    found: list[str | None] = [None] * len(questions)
    for row in await connection.fetch(
        marks_statement(),
        [one.caller for one in questions],
        [one.client_id for one in questions],
        [one.authorization for one in questions],
        [one.jti for one in questions],
    ):
        found[row["at"] - 1] = row["mark"]
    return found


def marks_statement() -> str:
    """Its parameters are one list for each field of the questions."""
    return fill(
        "introspection",
        "marks",
        by_token=fill("marks", "by_token", client="k.client", authorization="k.root"),
        by_system=fill("marks", "by_system", client="k.client"),
    )
