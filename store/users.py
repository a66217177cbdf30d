"""Users as facts, by id or address; made and changed."""

from collections.abc import Collection
from dataclasses import dataclass

from policy.facts import UserStatus
from policy.ids import UserId
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.keys_of import email_key, name_key
from store.own_systems import OwnSystems
from store.placing import places_of, places_sql
from store.reach import ReachedRows
from store.records import UserRecord
from store.statements import statements
from store.tables import Rows


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account to be made; its address must be free (asyncpg.UniqueViolationError else)."""

    id: UserId
    email: str
    first_name: str
    last_name: str
    phone: str | None = None
    fax: str | None = None
    status: UserStatus = UserStatus.INVITED


@dataclass(frozen=True, slots=True)
class PersonData:
    """What is known of the person herself, but for the address."""

    first_name: str
    last_name: str
    phone: str | None
    fax: str | None


async def user_by_id(connection: Connection, user: UserId, own: OwnSystems | None = None) -> UserRecord | None:
    return (await users_by_ids(connection, (user,), own)).get(user)


async def users_by_ids(
    connection: Connection, users: Collection[UserId], own: OwnSystems | None = None
) -> dict[UserId, UserRecord]:
    """Those that exist, in one statement. `own`: the caller's systems, for `in_own_systems`."""
    parameters = Parameters()
    reached = ReachedRows(parameters, None, own)
    columns, ids = _columns(reached), parameters.add(list(users), "uuid[]")
    text = fill("users", "by_ids", columns=columns, ids=ids)
    return {row["id"]: _record(row) for row in await connection.fetch(text, *parameters.values)}


async def user_by_email(connection: Connection, address: str, own: OwnSystems | None = None) -> UserRecord | None:
    """The person with this address, whatever its case or form."""
    parameters = Parameters()
    reached = ReachedRows(parameters, None, own)
    columns, key = _columns(reached), parameters.add(email_key(address), "text")
    text = fill("users", "by_email", columns=columns, email_key=key)
    row = await connection.fetchrow(text, *parameters.values)
    return None if row is None else _record(row)


async def create_user(connection: Connection, new: NewUser) -> None:
    await connection.execute(
        statements("users")["create"],
        new.id, new.email, email_key(new.email), new.first_name, new.last_name,
        name_key(new.last_name, new.first_name), new.phone, new.fax, new.status.value,
    )  # fmt: skip


async def update_user(connection: Connection, user: UserId, data: PersonData, expected_version: int) -> bool:
    """Replace the person's data, her assignments' sort keys included; False when the version is another by now."""
    values = (data.first_name, data.last_name, name_key(data.last_name, data.first_name), data.phone, data.fax)
    return bool(await connection.fetchval(statements("users")["update"], user, expected_version, *values))


async def set_user_status(
    connection: Connection, user: UserId, status: UserStatus, expected: Collection[UserStatus]
) -> bool:
    """Change the status if it is one of `expected` now; False else. Erasing is no change of status (ValueError)."""
    if status is UserStatus.DELETED:
        raise ValueError("An account is erased with its data, not by a change of status.")
    known = [one.value for one in expected]
    return bool(await connection.fetchval(statements("users")["set_status"], user, status.value, known))


def _columns(reached: ReachedRows) -> str:
    """The columns that `_record` reads, from a users row `u`."""
    places = places_sql(Rows.USERS, "u")
    return fill("users", "columns", places=places, in_own_systems=reached.user_in_own_systems("u.id"))


def _record(row: Row) -> UserRecord:
    return UserRecord(
        id=row["id"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        phone=row["phone"],
        fax=row["fax"],
        status=UserStatus(row["status"]),
        version=row["version"],
        places=places_of(row["places"]),
        in_own_systems=row["in_own_systems"],
    )
