"""Messages on their way: who sends one now, what came of it, and which are to be sent again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection
from store.outbox import MAIL, enqueue, enqueue_all
from store.statements import statements

SLICE: Final = 2_000
"""Messages of a batch that get their jobs in one transaction."""


class Problem(StrEnum):
    """Why a message isn't sent, for the help desk."""

    NO_ADDRESS = "no-address"
    """The account has no address, or nobody is behind it any longer."""
    NOT_NEEDED = "not-needed"
    """What it tells of has been overtaken: an invitation that was accepted, a change that was canceled."""
    UNREACHABLE = "unreachable"
    """The mail server didn't answer."""
    LATER = "later"
    """The mail server answered with a code from 400 to 499."""
    REFUSED = "refused"
    """The mail server answered with a code from 500 on."""
    UNABLE = "unable"
    """The mail server can't do what is needed: encryption, sign-in, or addresses in other scripts."""
    FAULT = "fault"
    """It can't be composed; the log says which kind of error that was."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a message tells: its template, ids and codes, and by whose act it came about."""

    template: str
    values: Mapping[str, str | int]
    by: UserId | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message that this process is sending. `attempts` counts this one."""

    id: UUID
    user: UserId | None
    template: str
    notices: tuple[Notice, ...]
    urgency: int
    attempts: int
    waited: timedelta
    """Since it was queued, or since it could be sent at the earliest."""


@dataclass(frozen=True, slots=True)
class Begun:
    """`message` None: nothing is to be sent. `busy_for`: another process may be sending it for so long yet."""

    message: Message | None
    busy_for: timedelta | None = None


async def begin_sending(connection: Connection, id_: UUID, sender: UUID, lease: timedelta) -> Begun:
    """Recorded before anything is sent: nobody else sends it before the lease is over."""
    row = await connection.fetchrow(statements("messages")["begin_sending"], id_, sender, lease)
    if row is None:
        return Begun(None, await connection.fetchval(statements("messages")["busy_for"], id_))
    notices = tuple(
        Notice(one["template"], one["values"], UserId(UUID(one["by"])) if one["by"] else None) for one in row["notices"]
    )
    user = UserId(row["user_id"]) if row["user_id"] else None
    return Begun(Message(row["id"], user, row["template"], notices, row["priority"], row["attempts"], row["waited"]))


async def record_sent(connection: Connection, id_: UUID, code: int | None) -> None:
    """Whoever sent it: a second one is never begun after this."""
    await connection.execute(statements("messages")["sent"], id_, code)


async def record_failed(
    connection: Connection, id_: UUID, sender: UUID, *, code: int | None, problem: Problem, again_in: timedelta
) -> None:
    await connection.execute(statements("messages")["failed"], id_, sender, code, problem.value, again_in)


async def record_given_up(
    connection: Connection, id_: UUID, sender: UUID, *, code: int | None, problem: Problem
) -> None:
    """A dead letter, kept for `retry`; what nobody needs any longer is dropped."""
    needless = problem in (Problem.NO_ADDRESS, Problem.NOT_NEEDED)
    state = "dropped" if needless else "dead"
    await connection.execute(statements("messages")["given_up"], id_, sender, state, code, problem.value)


async def retry(connection: Connection, id_: UUID) -> bool:
    """Queue a dead letter anew, in the caller's transaction; False: it isn't one."""
    priority = await connection.fetchval(statements("messages")["retry"], id_)
    if priority is None:
        return False
    await enqueue(connection, MAIL, id_.bytes, priority=priority)
    return True


async def spread_slice(connection: Connection, cause: UUID) -> int:
    """Give jobs to the next messages of a batch, in the caller's transaction; 0: all have theirs.

    The lock on the batch waits for an upload that adds to it, so that an empty batch is empty.
    """
    if await connection.fetchval(statements("messages")["lock_batch"], cause) is None:
        return 0
    rows = await connection.fetch(statements("messages")["spread_slice"], cause, SLICE)
    await enqueue_all(connection, MAIL, [(row["id"].bytes, row["priority"], row["delay"]) for row in rows])
    if not rows:
        await connection.execute(statements("messages")["end_batch"], cause)
    return len(rows)


async def take_slot(connection: Connection, spacing: timedelta) -> timedelta:
    """How long to wait, so that all processes together send one mail per `spacing`."""
    return await connection.fetchval(statements("messages")["take_slot"], spacing)


async def requeue_lost(connection: Connection) -> int:
    """Give jobs to messages whose own was lost; how many there were, at most 1,000."""
    rows = await connection.fetch(statements("messages")["lost"])
    await enqueue_all(connection, MAIL, [(row["id"].bytes, row["priority"], timedelta()) for row in rows])
    return len(rows)


async def purge(connection: Connection, messages: timedelta, log: timedelta) -> None:
    """Delete what was sent or dropped so long ago, and the queue's own log."""
    await connection.execute(statements("messages")["purge"], messages)
    await connection.execute(statements("messages")["purge_log"], log)
    await connection.execute(statements("messages")["purge_statistics"], log)
