"""People are found by how any part of the name begins, and by any part of name and address, within reach only."""

from typing import Any

import pytest

from store.database import Pool
from store.users import NewUser, PersonData, create_user, update_user
from tests.graphql.conftest import AsCaller
from tests.graphql.world import PARK, Caller, codes, give, user_id
from tests.state.acting import staff

LIST = "query ($filter: UserFilter) { users(first: 100, filter: $filter) { totalCount nodes { firstName lastName } } }"


async def found(asking: Caller, **filter_: Any) -> list[str]:
    listed = (await asking.data(LIST, filter=filter_))["users"]
    assert listed["totalCount"] == len(listed["nodes"])
    return [f"{one['firstName']} {one['lastName']}" for one in listed["nodes"]]


async def named(pool: Pool, key: str, first: str, last: str, email: str) -> None:
    async with pool.acquire() as connection:
        await create_user(connection, NewUser(user_id(key), email, first, last))
        await connection.execute("update users set status = 'active' where id = $1", user_id(key))
        await give(connection, key, "test-administrator", PARK)


@pytest.fixture
async def asking(pool: Pool, as_person: AsCaller) -> dict[str, Caller]:
    primary = await as_person("primary")
    await named(pool, "one", "María José", "García-López", "mj.garcia@Valley.example")
    await named(pool, "two", "Lopo", "O'Neil", "oneil_50%@valley.example")
    helper = await as_person(await staff(pool, "helper", "help-desk"))
    return {"lea": primary, "state": helper, "far": await as_person("far-lead")}


@pytest.mark.parametrize("who", ["lea", "state"])
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("gar", ["María José García-López"]),
        ("LÓP", ["María José García-López", "Lopo O'Neil"]),
        ("jose", ["María José García-López"]),
        ("maria j", ["María José García-López"]),
        ("garcia-lopez m", ["María José García-López"]),
        ("maria jose garcia", ["María José García-López"]),
        ("o'nei", ["Lopo O'Neil"]),
        ("arcia", []),
        ("%", []),
        ("_", []),
    ],
)
async def test_the_beginning_of_any_name_part(
    asking: dict[str, Caller], who: str, typed: str, names: list[str]
) -> None:
    assert sorted(await found(asking[who], namePart=typed)) == sorted(names)


@pytest.mark.parametrize("who", ["lea", "state"])
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("arcía", ["María José García-López"]),
        ("j.gar", ["María José García-López"]),
        ("lop garc", ["María José García-López"]),
        ("lopo valley", ["Lopo O'Neil"]),
        ("l_50%@v", ["Lopo O'Neil"]),
        ("_j.", []),
        ("no such", []),
    ],
)
async def test_any_part_of_name_and_address(asking: dict[str, Caller], who: str, typed: str, names: list[str]) -> None:
    assert sorted(await found(asking[who], contains=typed)) == sorted(names)


@pytest.mark.checklist("54 search")
async def test_nobody_outside_of_the_reach_is_found(asking: dict[str, Caller]) -> None:
    assert await found(asking["far"], namePart="gar") == await found(asking["far"], contains="arcia") == []


async def test_a_part_of_fewer_than_three_characters_is_refused_with_a_sentence(asking: dict[str, Caller]) -> None:
    for typed in ("ar", "a b cd", "éé"):
        answer = await asking["state"].ask(LIST, filter={"contains": typed})
        assert codes(answer) == [("BAD_USER_INPUT", ["users"])]
        assert "at least 3 characters" in answer["errors"][0]["message"]
    answer = await asking["state"].ask(LIST, filter={"namePart": " - "})
    assert codes(answer) == [("BAD_USER_INPUT", ["users"])]


async def test_a_new_name_is_found_and_the_old_one_is_not(asking: dict[str, Caller], pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert await update_user(connection, user_id("one"), PersonData("Ana", "Zúñiga", None, None), 1)
    for who in ("lea", "state"):
        assert await found(asking[who], namePart="lopez") == []
        assert await found(asking[who], namePart="zun") == await found(asking[who], contains="uniga") == ["Ana Zúñiga"]


async def test_filters_hold_together(asking: dict[str, Caller]) -> None:
    for who in ("lea", "state"):
        assert await found(asking[who], namePart="lop", contains="neil", email="ONEIL") == ["Lopo O'Neil"]
        assert await found(asking[who], namePart="lop", role="site-coordinator") == []
        assert await found(asking[who], contains="neil", status="SUSPENDED") == []
        assert await found(asking[who], namePart="lop", organization={"id": str(PARK)}, contains="50%") == [
            "Lopo O'Neil"
        ]
