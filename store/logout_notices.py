"""Logout notices on their way: queued by triggers (migration 0017), sent by one process at a time, and tried again."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from policy.ids import UserId
from store.connection import Connection
from store.outbox import enqueue_all
from store.statements import statements

LOGOUT_NOTICE = "logout-notice"
"""The entry point that sends one; the triggers name it too."""
_PRIORITY = 30


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """A notice that this process is sending. `attempts` counts this one.

    `uri` is None where the relying party wants none any more.
    """

    id: UUID
    session: UUID
    user: UserId
    client_id: str
    uri: str | None
    alg: str
    attempts: int
    waited: timedelta


@dataclass(frozen=True, slots=True)
class Begun:
    """`notice` None: nothing is to be sent. `busy_for`: another process may be sending it for so long yet."""

    notice: LogoutNotice | None
    busy_for: timedelta | None = None


async def begin_notice(connection: Connection, id_: UUID, sender: UUID, lease: timedelta) -> Begun:
    """Recorded before anything is sent: nobody else sends it before the lease is over."""
    row = await connection.fetchrow(statements("logout_notices")["begin"], id_, sender, lease)
    if row is None:
        return Begun(None, await connection.fetchval(statements("logout_notices")["busy_for"], id_))
    return Begun(
        LogoutNotice(
            row["id"],
            row["session_id"],
            UserId(row["user_id"]),
            row["client_id"],
            row["backchannel_logout_uri"],
            row["id_token_alg"],
            row["attempts"],
            row["waited"],
        )
    )


async def notice_sent(connection: Connection, id_: UUID, code: int) -> None:
    await connection.execute(statements("logout_notices")["sent"], id_, code)


async def notice_failed(
    connection: Connection, notice: LogoutNotice, sender: UUID, *, code: int | None, problem: str, again_in: timedelta
) -> None:
    """It comes again, unless a later notice that says the same waits by now."""
    arguments = notice.id, sender, code, problem, again_in
    await connection.execute(statements("logout_notices")["failed"], *arguments)


async def notice_given_up(
    connection: Connection, id_: UUID, sender: UUID, *, code: int | None, problem: str, dropped: bool = False
) -> None:
    """A dead letter; `dropped` where nobody wants it any longer."""
    state = "dropped" if dropped else "dead"
    await connection.execute(statements("logout_notices")["given_up"], id_, sender, state, code, problem)


async def requeue_lost_notices(connection: Connection) -> int:
    """Give jobs to notices whose own was lost with a process; how many there were, at most 1,000."""
    rows = await connection.fetch(statements("logout_notices")["lost"])
    await enqueue_all(connection, LOGOUT_NOTICE, [(row["id"].bytes, _PRIORITY, timedelta()) for row in rows])
    return len(rows)
