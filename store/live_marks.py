"""The marks of many callers in one statement, for those whose connections stay open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.composed import fill
from store.connection import Connection
from store.marks import AnybodyMark, MarkedBy, SessionMark, TokenMark


@dataclass(frozen=True, slots=True)
class LiveMark:
    """A mark as it is now; None: the client or session is gone. The times are a session's."""

    found: str | None = None
    last_seen_at: datetime | None = None
    expires_at: datetime | None = None


async def live_marks(connection: Connection, marked: Sequence[MarkedBy]) -> list[LiveMark]:
    """The marks, in the order in which they were asked for. Raises TypeError for a caller without credentials."""
    if any(isinstance(one, AnybodyMark) for one in marked):
        raise TypeError("A caller without credentials has no mark that could change.")
    tokens = [(at, one.client_id, one.authorization) for at, one in enumerate(marked) if isinstance(one, TokenMark)]
    sessions = [(at, one.token_hash) for at, one in enumerate(marked) if isinstance(one, SessionMark)]
    text = fill(
        "live_marks",
        "all",
        by_system=fill("marks", "by_system", client="k.client"),
        by_token=fill("marks", "by_token", client="k.client", authorization="k.root"),
        by_session=fill("marks", "by_session", token_hash="k.token_hash"),  # noqa: S106 - a column
    )
    columns = (*_columns(tokens, 3), *_columns(sessions, 2))
    found = [LiveMark()] * len(marked)
    for row in await connection.fetch(text, *columns):
        found[row["at"]] = LiveMark(row["mark"], row["last_seen_at"], row["expires_at"])
    return found


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> tuple[list[object], ...]:
    return tuple([row[at] for row in rows] for at in range(width))
