"""Users: made, changed with a version, found by address; their assignments' sort keys follow the name."""

import asyncpg
import pytest

from policy.facts import UserStatus
from policy.ids import UserId
from store.connection import Connection
from store.users import NewUser, PersonData, create_user, set_user_status, update_user, user_by_email, user_by_id
from tests.policy import worlds
from tests.store.populated import draw_people, populate

ANN = UserId(worlds.ident("ann"))


async def test_a_user_is_found_by_id_and_by_any_form_of_the_address(connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "Ann.Bell@Bücher.example", "Ann", "Bell", phone="+1 555 0100"))
    found = await user_by_id(connection, ANN)
    assert found is not None
    assert (found.email, found.phone, found.status, found.version) == (
        "Ann.Bell@Bücher.example", "+1 555 0100", UserStatus.INVITED, 1,
    )  # fmt: skip
    assert await user_by_email(connection, "ann.bell@xn--bcher-kva.EXAMPLE") == found
    assert found.places == ()
    assert await user_by_email(connection, "nobody@example.org") is None
    assert await user_by_id(connection, UserId(worlds.ident("nobody"))) is None


async def test_an_address_is_unique_whatever_its_case(connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await create_user(connection, NewUser(UserId(worlds.ident("bea")), "ANN@Example.ORG", "Bea", "Bell"))


async def test_a_changed_name_moves_her_in_every_list(connection: Connection) -> None:
    (person, *_) = (await populate(connection, [one for one in draw_people(20, 1) if one.assignments])).people
    data = PersonData("Zoë", "Zzyzx", None, "+1 555 0199")
    assert not await update_user(connection, person.id, data, expected_version=7)
    assert await update_user(connection, person.id, data, expected_version=1)
    assert not await update_user(connection, person.id, data, expected_version=1)
    keys = await connection.fetch("select distinct name_key from role_assignments where user_id = $1", person.id)
    assert [row["name_key"] for row in keys] == ["zzyzx zoe"]
    found = await user_by_id(connection, person.id)
    assert found is not None
    assert (found.first_name, found.fax, found.version) == ("Zoë", "+1 555 0199", 2)


async def test_a_status_changes_only_from_an_expected_one(connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    assert not await set_user_status(connection, ANN, UserStatus.SUSPENDED, {UserStatus.ACTIVE})
    assert await set_user_status(connection, ANN, UserStatus.ACTIVE, {UserStatus.INVITED, UserStatus.INACTIVE})
    with pytest.raises(ValueError, match="erased"):
        await set_user_status(connection, ANN, UserStatus.DELETED, {UserStatus.ACTIVE})


async def test_an_erased_account_is_no_record(connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    await connection.execute("update users set status = 'deleted', email = null, email_key = null")
    assert await user_by_id(connection, ANN) is None
