"""Closing a school year on a real database: what expires, what stays, who decides meanwhile, and resuming."""

import asyncio
import random
from datetime import UTC, date, datetime
from uuid import uuid5

import pytest

from policy.facts import UserStatus
from policy.grants import access_of
from policy.ids import RoleSlug, SchoolYear, UserId
from policy.school_years import ClosingPhase, carried_roles
from resolvers.year_steps import YearRefusedError, close_year, open_year, rehearse_close
from store import year_closing
from store.database import Connection, Pool
from store.past import PastConnection
from store.people import load_person, load_years
from store.year_closing import ClosedBy, Closing, Rehearsal, Switch, finish_closing, one_batch
from store.years import YearStatus
from tests.policy import worlds
from tests.policy.worlds import BLUE, BOSS, HEAD, LAST, NEXT, NOW, RED, STATE_PROGRAM, TEACHER, ident

AT = datetime(2027, 7, 1, 12, tzinfo=UTC)
BY = ClosedBy(AT, date(2027, 7, 1), operator_reason="the summer")
CONFIRM = "close red 2026-27"
LEA = worlds.LEAS[0]
SCHOOL = worlds.SCHOOLS[0]
PACKS = worlds.PACKS


async def nobody_else(_: Connection) -> None:
    return None


async def hold(
    connection: Connection, name: str, role: str, year: str = NOW, program: str = RED,
    where: worlds.Organization = SCHOOL, status: str = "active", origin: str = "operator", account: str = "active",
) -> UserId:  # fmt: skip
    user = UserId(ident(f"years {name}"))
    await connection.execute(
        "insert into users (id, email, email_key, first_name, last_name, name_key, status) "
        "values ($1, $2, $2, $3, 'X', $3, $4) on conflict do nothing",
        user, f"{name}@x.org", name, account,
    )  # fmt: skip
    await connection.execute(
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
        "status, origin) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        uuid5(worlds.NAMESPACE, f"{name}{role}{year}{program}{where.code}"), user, program, role, year, where.id,
        where.lea, name, status, origin,
    )  # fmt: skip
    return user


@pytest.fixture(autouse=True)
async def _state(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    for one in worlds.TREE:
        parent = None if one.lea is None else (worlds.STATE.id if one.lea == one.id else one.lea)
        await connection.execute(
            "insert into organizations (id, level, parent_id, lea_id, code, name, name_key) "
            "values ($1, $2, $3, $4, $5, $6, $6)",
            one.id, one.level.value, parent, one.lea, one.code, one.name,
        )  # fmt: skip
    await connection.executemany(
        "insert into school_years values ($1, $2, $3)",
        [(RED, LAST, "closed"), (RED, NOW, "current"), (RED, NEXT, "upcoming"), (BLUE, NOW, "current")],
    )
    for name in ("goes", "also goes"):
        await hold(connection, name, TEACHER)
    await hold(connection, "invited", TEACHER, account="invited")
    await hold(connection, "stays", TEACHER)
    await hold(connection, "stays", TEACHER, NEXT)
    await hold(connection, "blue", TEACHER)
    await hold(connection, "blue", TEACHER, program=BLUE)
    await hold(connection, "suspended here", TEACHER, status="suspended")
    await hold(connection, "suspended", TEACHER, account="suspended")
    await hold(connection, "head", HEAD, where=LEA, origin="directory")
    await hold(connection, "help", worlds.HELP, "", STATE_PROGRAM, worlds.STATE)
    await hold(connection, "help", TEACHER)
    await hold(connection, "new boss", BOSS, NEXT, where=LEA)


async def close(connection: Connection, confirm: str = CONFIRM) -> Closing:
    async with connection.transaction():
        return await close_year(connection, PACKS, RED, NOW, confirm, BY, nobody_else)


async def finish(pool: Pool, batch: int = 3) -> Closing:
    return await finish_closing(pool, RED, NOW, lambda: AT, batch=batch)


async def statuses(connection: Connection) -> dict[str, str]:
    return {row["name_key"]: row["status"] for row in await connection.fetch("select name_key, status from users")}


async def state(connection: Connection) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for table in ("users", "role_assignments", "school_years", "access_state", "audit_events", "year_closings"):
        found += [tuple(row.values()) for row in await connection.fetch(f"select * from {table} order by 1, 2")]
    return found


@pytest.mark.rule("years")
async def test_a_rehearsal_counts_what_closing_then_does_and_changes_nothing(
    connection: Connection, pool: Pool
) -> None:
    before = await state(connection)
    switch, found = await rehearse_close(connection, PACKS, RED, NOW)
    assert await state(connection) == before
    assert switch == Switch(RED, NOW, NEXT, (HEAD,))
    assert found == Rehearsal(
        assignments=9, suspended=1, people=9, without_next=8, inactive=4, carried=1, ahead=2, other_programs=1,
        timeless=1,
    )  # fmt: skip
    await close(connection)
    done = await finish(pool)
    assert (done.expired, done.inactivated, done.carried) == (found.assignments, found.inactive, found.carried)


@pytest.mark.rule("years", "S0-38", "S1-04")
async def test_old_assignments_expire_accounts_without_another_become_inactive_state_roles_stay(
    connection: Connection, pool: Pool
) -> None:
    await close(connection)
    done = await finish(pool)
    assert (done.phase, done.finished_at) == (ClosingPhase.DONE, AT)
    assert await connection.fetch(
        "select program, school_year, status, count(*) from role_assignments group by 1, 2, 3 order by 1, 2, 3"
    ) == [
        ("blue", "2026-27", "active", 1),
        ("red", "2026-27", "expired", 9),
        ("red", "2027-28", "active", 3),
        ("state", "", "active", 1),
    ]
    assert await statuses(connection) == {
        "goes": "inactive", "also goes": "inactive", "invited": "inactive", "suspended here": "inactive",
        "stays": "active", "blue": "active", "suspended": "suspended", "head": "active", "help": "active",
        "new boss": "active",
    }  # fmt: skip
    assert await connection.fetchval("select name_key from role_assignments where was_suspended") == "suspended here"
    years = await load_years(connection)
    assert (years.current[RED], years.upcoming.get(RED)) == (NEXT, None)


@pytest.mark.rule("years")
async def test_the_switch_alone_decides_access(connection: Connection, pool: Pool) -> None:
    """From its commit on, and not before; how far the bookkeeping is, changes nothing."""
    epoch = await connection.fetchval("select epoch from access_state")
    people = [row["id"] for row in await connection.fetch("select id from users order by id")]

    async def roles() -> list[object]:
        years, found = await load_years(connection), list[object]()
        for user in people:
            loaded = await load_person(connection, user)
            assert loaded is not None
            held = access_of(loaded.person, PACKS, years, worlds.TODAY)
            found.append([(one.program, one.role, one.school_year) for one in held.effective])
        return found

    before = await roles()
    await close(connection)
    assert await connection.fetchval("select epoch from access_state") > epoch
    after = await roles()
    assert before != after
    assert not any((RED, TEACHER, NOW) in one for one in after)  # type: ignore[operator]
    while True:
        async with connection.transaction():
            step = await one_batch(connection, RED, NOW, AT, 2)
        assert await roles() == after
        if step.is_done:
            break


@pytest.mark.rule("years")
async def test_killed_in_the_middle_the_next_call_finishes(connection: Connection, pool: Pool) -> None:
    for number in range(60):
        await hold(connection, f"many {number:02}", TEACHER)
    await close(connection)
    rng = random.Random(4)
    while True:
        task = asyncio.create_task(finish(pool, batch=5))
        await asyncio.wait([task], timeout=rng.random() * 0.05)
        if task.done():
            break
        task.cancel()
        await asyncio.wait([task])
    done = task.result()
    assert (done.assignments, done.expired) == (69, 69)
    assert done.inactivated == 64
    assert await connection.fetchval("select count(*) from role_assignments where status = 'expired'") == 69


@pytest.mark.rule("years")
async def test_two_that_finish_take_turns(connection: Connection, pool: Pool) -> None:
    await close(connection)
    done = await asyncio.gather(*(finish(pool, batch=1) for _ in range(3)))
    assert {(one.phase, one.expired, one.inactivated) for one in done} == {(ClosingPhase.DONE, 9, 4)}


async def test_who_is_given_a_role_meanwhile_stays_active(connection: Connection, pool: Pool) -> None:
    """The account is being given a role in a transaction that ends after the batch has looked at it."""
    await close(connection)
    user = UserId(ident("years goes"))
    async with pool.acquire() as other:
        async with other.transaction():
            await other.fetch("select from users where id = $1 for no key update", user)
            task = asyncio.create_task(finish(pool, batch=100))
            await asyncio.wait([task], timeout=0.3)
            assert not task.done()
            await hold(other, "goes", TEACHER, NEXT)
            await other.execute("update users set access_version = access_version + 1 where id = $1", user)
        await task
    assert (await statuses(connection))["goes"] == "active"
    assert (await statuses(connection))["also goes"] == "inactive"


async def test_who_is_renamed_meanwhile_isnt_left_over(connection: Connection, pool: Pool) -> None:
    await close(connection)
    async with connection.transaction():
        await one_batch(connection, RED, NOW, AT, 3)
    await connection.execute("update role_assignments set name_key = 'a' where name_key = 'stays'")
    await finish(pool)
    assert await connection.fetchval(
        "select count(*) from role_assignments where school_year = $1 and program = $2 and status <> 'expired'",
        NOW, RED,
    ) == 0  # fmt: skip


@pytest.mark.rule("years")
@pytest.mark.parametrize("confirm", ["", "yes", "close red 2027-28", "close blue 2026-27", "Close red 2026-27"])
async def test_the_confirmation_is_typed(connection: Connection, confirm: str) -> None:
    before = await state(connection)
    with pytest.raises(YearRefusedError) as refused:
        await close(connection, confirm)
    assert refused.value.refusal.code == "NOT_CONFIRMED"
    assert await state(connection) == before


@pytest.mark.rule("years")
@pytest.mark.parametrize(
    ("program", "year", "code"),
    [
        (RED, LAST, "NOT_CURRENT"),
        (RED, NEXT, "NOT_CURRENT"),
        (BLUE, NOW, "NO_UPCOMING_YEAR"),
        ("none", NOW, "NOT_CURRENT"),
    ],
)
async def test_only_a_current_year_with_one_to_follow_is_closed(
    connection: Connection, program: str, year: str, code: str
) -> None:
    with pytest.raises(YearRefusedError) as refused:
        await rehearse_close(connection, PACKS, worlds.ProgramCode(program), SchoolYear(year))
    assert refused.value.refusal.code == code


async def test_closing_twice_is_answered_as_it_stands(connection: Connection, pool: Pool) -> None:
    first = await close(connection)
    assert await close(connection, "") == first
    done = await finish(pool)
    assert await close(connection, "") == done


@pytest.mark.rule("years", "S1-12")
async def test_the_next_year_is_opened_after_the_current_one(connection: Connection) -> None:
    async def opened(program: str, year: str) -> YearStatus | str:
        try:
            async with connection.transaction():
                code, wanted = worlds.ProgramCode(program), SchoolYear(year)
                return await open_year(connection, PACKS, code, wanted, BY, nobody_else)
        except YearRefusedError as refused:
            return refused.refusal.code

    assert await opened("blue", "2028-29") == "NOT_THE_NEXT"
    assert await opened("blue", "2025-26") == "NOT_THE_NEXT"
    assert await opened("blue", "2027") == "NO_YEAR"
    assert await opened("green", "2027-28") == "NO_PACK"
    assert await opened("state", "2027-28") == "NO_PACK"
    assert await opened("red", "2028-29") == "YEAR_OPEN_ALREADY"
    assert await opened("blue", "2027-28") is YearStatus.UPCOMING
    assert await opened("blue", "2027-28") is YearStatus.UPCOMING
    events = await connection.fetch("select action, target_id, operator_reason from audit_events")
    assert [tuple(one.values()) for one in events] == [("openSchoolYear", "blue 2027-28", "the summer")]


async def test_past_moments_have_their_own_years(connection: Connection, pool: Pool) -> None:
    before = await connection.fetchval("select clock_timestamp()")
    await close(connection)
    await finish(pool)
    then, now = await load_years(PastConnection(connection, before)), await load_years(connection)
    assert (then.current[RED], then.upcoming[RED]) == (NOW, NEXT)
    assert (now.current[RED], now.upcoming.get(RED)) == (NEXT, None)


def test_what_the_directory_gives_goes_on() -> None:
    assert carried_roles(RED, NOW, PACKS) == (RoleSlug("head"),)
    assert carried_roles(STATE_PROGRAM, NOW, PACKS) == ()
    assert year_closing.BATCH == 20_000
    assert UserStatus.INACTIVE == "inactive"
