"""Ceremonies with passkeys that have begun: each challenge lives minutes and is answered once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements


class Purpose(StrEnum):
    """What an answer to the challenge would do; none is good for another's."""

    ADD = "add"
    ENTER = "enter"
    """Signing in with a passkey alone."""
    STEP = "step"
    """The second step after a password."""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """`bound_to`: the hash of what the answer must come with. `user`: whose passkey it must be; None: anybody's."""

    purpose: Purpose
    bound_to: bytes
    challenge: bytes
    user: UserId | None
    expires_at: datetime


async def begin_ceremony(connection: Connection, new: Ceremony, now: datetime) -> None:
    """Takes the place of the one that was begun before."""
    await connection.execute(
        statements("passkeys")["begin"], new.purpose.value, new.bound_to, new.challenge, new.user, new.expires_at, now
    )


async def answered_ceremony(
    connection: Connection, purpose: Purpose, bound_to: bytes, now: datetime
) -> Ceremony | None:
    """The open one, which is over with this; None: there is none, or it has expired.

    Not in the transaction of what follows: an answer that is refused has used the challenge up as well.
    """
    row = await connection.fetchrow(statements("passkeys")["answer"], purpose.value, bound_to)
    if row is None or now >= row["expires_at"]:
        return None
    user = row["user_id"]
    return Ceremony(purpose, bound_to, row["challenge"], None if user is None else UserId(user), row["expires_at"])
