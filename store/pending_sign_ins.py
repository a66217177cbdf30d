"""Sign-ins that wait for a second step: what was proved, how often was guessed, and the code that was sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from policy.ids import OrganizationId, UserId
from store.database import Connection
from store.statements import statements


class Step(StrEnum):
    """What it waits for."""

    SECOND_STEP = "second-step"
    SET_UP = "set-up"
    """The person must have a second step and has none."""
    CODE = "code"
    """The code that was sent by e-mail, in a browser that isn't known."""


@dataclass(frozen=True, slots=True)
class NewPending:
    """`session`: the one that is to become stronger; None: one is to begin."""

    id: UUID
    token_hash: bytes = field(repr=False)
    user: UserId
    session: UUID | None
    amr: tuple[str, ...]
    lea: OrganizationId | None
    provider: UUID | None
    step: Step
    wanted: bool
    """Whoever sent her here asks for a second step, whatever her roles."""
    by_mail: bool
    short_password: bool
    old_password: bool
    onward: str
    created_at: datetime
    expires_at: datetime
    proved_at: datetime | None
    """When what is proved by now was, where a district's provider vouched for it; None: here."""


@dataclass(frozen=True, slots=True)
class Pending(NewPending):
    """As it is in the database, with whose it is."""

    email: str
    first_name: str
    last_name: str


async def begin_pending(connection: Connection, new: NewPending) -> None:
    await connection.execute(
        statements("pending_sign_ins")["begin"],
        new.id, new.token_hash, new.user, new.session, list(new.amr), new.lea, new.provider, new.step.value,
        new.wanted, new.by_mail, new.short_password, new.old_password, new.onward, new.created_at, new.expires_at,
        new.proved_at,
    )  # fmt: skip


async def present_pending(connection: Connection, token_hash: bytes, now: datetime) -> Pending | None:
    """The one behind a cookie; None: unknown, used, expired, or its person isn't active any more."""
    row = await connection.fetchrow(statements("pending_sign_ins")["present"], token_hash, now)
    if row is None:
        return None
    lea = row["lea_id"]
    return Pending(
        row["id"], row["token_hash"], UserId(row["user_id"]), row["session_id"], tuple(row["amr"]),
        None if lea is None else OrganizationId(lea), row["provider_id"], Step(row["step"]), row["wanted"],
        row["by_mail"], row["short_password"], row["old_password"], row["onward"], row["created_at"], row["expires_at"],
        row["proved_at"], row["email"] or "", row["first_name"], row["last_name"],
    )  # fmt: skip


async def try_pending(connection: Connection, pending: UUID, most: int) -> bool:
    """Count one guess; False: it has had its guesses."""
    return await connection.fetchval(statements("pending_sign_ins")["try"], pending, most) is not None


async def use_up_pending(connection: Connection, pending: UUID) -> bool:
    """False: another request was faster, or it was ended."""
    return await connection.fetchval(statements("pending_sign_ins")["use_up"], pending) is not None


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How many codes are mailed at most: for one sign-in, `apart` from each other, and to one person in an hour."""

    for_one: int
    apart: timedelta
    in_an_hour: int


async def ask_for_code(connection: Connection, pending: UUID, now: datetime, limits: CodeLimits) -> bool:
    """Whether another code may be sent. It counts as sent."""
    found = await connection.fetchval(
        statements("pending_sign_ins")["ask_for_code"],
        pending, now, limits.for_one, now - limits.apart, now - timedelta(hours=1), limits.in_an_hour,
    )  # fmt: skip
    return found is not None


async def put_code(connection: Connection, pending: UUID, code_hash: bytes, until: datetime, now: datetime) -> bool:
    """This code counts and none before it; False: nobody waits for one any more."""
    found = await connection.fetchval(statements("pending_sign_ins")["put_code"], pending, code_hash, until, now)
    return found is not None


async def try_code(connection: Connection, pending: UUID, now: datetime, most: int) -> bytes | None:
    """The hash to compare with, once this guess is counted; None: no code is good any more, or guessed too often."""
    return await connection.fetchval(statements("pending_sign_ins")["try_code"], pending, now, most)


async def move_pending_on(connection: Connection, pending: UUID, step: Step) -> None:
    """It waits for something else now; a code that was waited for has been typed."""
    await connection.execute(statements("pending_sign_ins")["move_on"], pending, step.value)
