"""What signing in reads and writes of an account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from policy.facts import UserStatus
from policy.ids import UserId
from store.database import Connection, Row
from store.standing import Standing
from store.statements import statements

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Account:
    user: UserId
    status: UserStatus
    password_hash: str | None = field(repr=False)
    email: str
    password_set_at: datetime
    device: UUID | None = None
    """The known device of hers that asks, where that was looked for."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """The person's own data, as userinfo tells it."""

    user: UserId
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    status: UserStatus


async def account_by_email(
    connection: Connection, email_key: str, devices: Sequence[bytes] = (), since: datetime = _EVER
) -> Account | None:
    """The account of an address, whatever its status; with the person's device of these hashes, seen since then."""
    row = await connection.fetchrow(statements("sign_in")["by_email_key"], email_key, list(devices), since)
    if row is None:
        return None
    return Account(
        UserId(row["id"]), UserStatus(row["status"]), row["password_hash"], row["email"], row["set_at"], row["device"]
    )


async def standing_of_person(connection: Connection, user: UserId) -> Standing | None:
    """How somebody stands who has no session, whatever her account's status; None: there is no such account."""
    return _standing(user, await connection.fetchrow(statements("sign_in")["standing"], user))


async def held_standing(connection: Connection, user: UserId) -> Standing | None:
    """The same of an active account; until the transaction ends, whoever changes status or password waits."""
    return _standing(user, await connection.fetchrow(statements("sign_in")["held_standing"], user))


async def person_record(connection: Connection, user: UserId) -> PersonRecord | None:
    row = await connection.fetchrow(statements("sign_in")["person"], user)
    if row is None:
        return None
    return PersonRecord(
        UserId(row["id"]),
        row["first_name"],
        row["last_name"],
        row["email"],
        row["phone"],
        UserStatus(row["status"]),
    )


async def signed_in(
    connection: Connection, account: Account, now: datetime, new_hash: str | None = None
) -> Standing | None:
    """Note the time and, where the old hash was made with other costs, the new one; not while a file is applied to her.

    None: the account has another password since it was read, or isn't active any more. Until the transaction ends,
    whoever changes either waits, and then ends the sessions begun in it.
    """
    arguments = account.user, now, account.password_hash, new_hash
    return _standing(account.user, await connection.fetchrow(statements("sign_in")["signed_in"], *arguments))


async def accept_invitation(connection: Connection, user: UserId, password_hash: str, now: datetime) -> bool:
    """Set the first password and make the account active; False: it wasn't waiting for that."""
    done = await connection.fetchval(statements("sign_in")["accept_invitation"], user, password_hash, now)
    return done is not None


def _standing(user: UserId, row: Row | None) -> Standing | None:
    return None if row is None else Standing(user, UserStatus(row["status"]), row["access_version"], row["epoch"])
