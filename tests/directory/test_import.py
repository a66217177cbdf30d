"""Directory import on a real database: the difference, what it does to people, and what it leaves alone."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID, uuid5

import pytest

from policy.directory_known import Difference
from policy.facts import Level, UserStatus
from policy.ids import RoleSlug, UserId
from policy.packs import Packs
from store.connection import Connection
from store.database import Pool
from store.directory import DirectoryRefusedError, Importer, Watcher, compare_directory, import_directory
from store.directory_changes import Moment
from store.organizations import organization_by_code, organization_on_day
from store.people import load_person
from store.users import NewUser, create_user, set_user_status, user_by_email
from tests.directory.files import CHARTER, LEA, OTHER_LEA, ROWS, SCHOOL, SECOND, csv, text
from tests.policy import worlds
from tests.store.counting import counting

PACKS = worlds.PACKS
TODAY = date(2026, 11, 2)
OPERATOR = Importer(operator_reason="the state's file of November")
LEA_ROW = f"r{LEA}"
SCHOOL_ROW = f"r{SCHOOL}"
_numbers = count()


@pytest.fixture(autouse=True)
async def _years(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    await connection.executemany(
        "insert into school_years values ($1, $2, $3)",
        [
            (worlds.RED, worlds.NOW, "current"),
            (worlds.RED, worlds.NEXT, "upcoming"),
            (worlds.BLUE, worlds.NOW, "current"),
        ],
    )


def moment(day: date = TODAY) -> Moment:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Moment(noon, day, lambda: uuid5(UUID(int=9), str(next(_numbers))))


async def load(
    connection: Connection, data: bytes, *, accept: bool = False, day: date = TODAY, packs: Packs = PACKS
) -> Difference:
    watcher = Watcher(lambda _found: None, lambda _what, _done, _total: None)
    async with connection.transaction():
        return await import_directory(connection, data, packs, OPERATOR, moment(day), accept=accept, watcher=watcher)


async def heads(connection: Connection) -> dict[str, set[str]]:
    """Who holds a derived role where: addresses by LEA code."""
    rows = await connection.fetch(
        "select o.code, u.email, count(*) from role_assignments a join users u on u.id = a.user_id "
        "join organizations o on o.id = a.organization_id where a.role = 'head' and a.origin = 'directory' "
        "group by o.code, u.email having count(*) = 2"
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["code"], set()).add(row["email"])
    return found


async def everything(connection: Connection) -> Iterator[object]:
    found: list[object] = []
    for table in ("organizations", "organization_codes", "users", "role_assignments", "access_state", "audit_events", "directory_imports"):  # fmt: skip  # noqa: E501
        found += [tuple(row.values()) for row in await connection.fetch(f"select * from {table} order by 1, 2")]
    return iter(found)


async def test_a_first_file_makes_the_tree_and_the_superintendents(connection: Connection) -> None:
    found = await load(connection, csv())
    assert found.counts == {"added": 8, "superintendent added": 3}
    lea = await organization_by_code(connection, Level.LEA, LEA)
    school = await organization_by_code(connection, Level.SCHOOL, SCHOOL)
    charter = await organization_by_code(connection, Level.SCHOOL, CHARTER)
    assert lea is not None
    assert school is not None
    assert charter is not None
    assert (school.parent_id, school.lea_id, charter.lea_code) == (lea.id, lea.id, CHARTER)
    assert await heads(connection) == {
        LEA: {"ana@alameda.org"}, OTHER_LEA: {"bo@lausd.org"}, CHARTER: {"chi@accelerated.org"},
    }  # fmt: skip
    ana = await user_by_email(connection, "ANA@alameda.org")
    assert ana is not None
    assert (ana.status, ana.last_name) == (UserStatus.INVITED, "Ávila")
    assert await organization_on_day(connection, Level.LEA, LEA, TODAY) == lea.id


async def test_the_same_file_twice_changes_nothing(connection: Connection) -> None:
    await load(connection, csv())
    before = list(await everything(connection))
    found = await load(connection, csv())
    assert found.changes == ()
    assert list(await everything(connection)) == before


async def test_an_import_is_audited_without_names_and_raises_the_epoch(connection: Connection) -> None:
    epoch = await connection.fetchval("select epoch from access_state")
    await load(connection, csv())
    assert await connection.fetchval("select epoch from access_state") > epoch
    event, *given = await connection.fetch("select * from audit_events order by id")
    roles = await connection.fetch("select id, user_id, organization_id from role_assignments")
    told_of = {(one["target_id"], one["subject_id"], one["organization_id"], one["after"]["user"]) for one in given}
    assert told_of == {(str(a), user, place, str(user)) for a, user, place in (tuple(row.values()) for row in roles)}
    assert (event["action"], event["operator_reason"]) == ("importDirectory", OPERATOR.operator_reason)
    report = await connection.fetchrow("select * from directory_imports")
    assert report is not None
    told = f"{event['after']} {report['report']}"
    assert not any(word in told for word in ("ana", "Ávila", "Alameda", "@"))


async def test_renamed_moved_and_recoded_organizations_keep_their_ids(connection: Connection) -> None:
    await load(connection, csv())
    school = await organization_by_code(connection, Level.SCHOOL, SCHOOL)
    second = await organization_by_code(connection, Level.SCHOOL, SECOND)
    lea = await organization_by_code(connection, Level.LEA, LEA)
    assert school
    assert second
    assert lea
    new_code, new_lea = "01611190999999", "01611200000000"
    user = UserId(worlds.ident("ann"))
    await create_user(connection, NewUser(user, "ann@x.org", "Ann", "Bell"))
    await connection.execute(
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, status, origin) "  # noqa: E501
        "values (gen_random_uuid(), $1, 'red', 'site', '2026-27', $2, $3, 'bell ann', 'active', 'operator')",
        user, school.id, lea.id,
    )  # fmt: skip
    changed = csv(
        **{
            LEA_ROW: f"{new_lea},Alameda Unified,lea,,,Ana,Ávila,ana@alameda.org,yes",
            SCHOOL_ROW: f"{SCHOOL},Alameda Science and Technology,school,{OTHER_LEA},,,,,yes",
            f"r{SECOND}": f"{new_code},Bay Farm,school,{new_lea},local,,,,yes",
        }
    )
    found = await load(connection, changed, day=date(2027, 1, 10))
    assert [(one.kind.value, one.before, one.after) for one in found.changes] == [
        ("recoded", LEA, new_lea),
        ("renamed", "Alameda Science", "Alameda Science and Technology"),
        ("moved", LEA, OTHER_LEA),
        ("recoded", SECOND, new_code),
    ]
    other = await organization_by_code(connection, Level.LEA, OTHER_LEA)
    moved = await organization_by_code(connection, Level.SCHOOL, SCHOOL)
    assert other
    assert moved
    assert (moved.id, moved.lea_id) == (school.id, other.id)
    assert await connection.fetchval("select lea_id from role_assignments where user_id = $1", user) == other.id
    for code, organization in ((new_code, second), (new_lea, lea)):
        level = organization.level
        assert await organization_on_day(connection, level, organization.code, date(2027, 1, 9)) == organization.id
        assert await organization_on_day(connection, level, organization.code, date(2027, 1, 10)) is None
        assert await organization_on_day(connection, level, code, date(2027, 1, 10)) == organization.id
    assert (await load(connection, changed, day=date(2027, 1, 11))).changes == ()


async def test_closed_and_reopened_need_acceptance_over_one_percent(connection: Connection) -> None:
    await load(connection, csv())
    without = csv(**{SCHOOL_ROW: ""})
    before = list(await everything(connection))
    with pytest.raises(DirectoryRefusedError) as refused:
        await load(connection, without)
    assert refused.value.difference is not None
    assert refused.value.difference.must_accept == (
        "It closes 1 of 7 organizations, more than 1 %: see that the file is complete.",
    )
    assert list(await everything(connection)) == before
    assert (await load(connection, without, accept=True)).counts == {"closed": 1}
    closed = await organization_by_code(connection, Level.SCHOOL, SCHOOL)
    assert closed is not None
    assert not closed.active
    assert (await load(connection, csv())).counts == {"reopened": 1}


async def test_under_the_limits_nothing_must_be_accepted(connection: Connection) -> None:
    many = [f"0161119{n:07d},School {n},school,{LEA},,,,,yes" for n in range(1, 101)]
    await load(connection, text((*ROWS.values(), *many)).encode())
    assert (await load(connection, text((*ROWS.values(), *many[1:])).encode())).counts == {"closed": 1}


async def test_s1_04_a_new_superintendent_replaces_the_old(connection: Connection) -> None:
    await load(connection, csv())
    changed = csv(**{LEA_ROW: f"{LEA},Alameda Unified,lea,,,Dee,Dorn,dee@alameda.org,yes"})
    with pytest.raises(DirectoryRefusedError) as refused:
        await load(connection, changed)
    assert refused.value.difference is not None
    assert "1 of 3 superintendents, more than 5 %" in refused.value.difference.must_accept[0]
    found = await load(connection, changed, accept=True)
    assert found.counts == {"superintendent changed": 1}
    assert (await heads(connection))[LEA] == {"dee@alameda.org"}
    ana, dee = await user_by_email(connection, "ana@alameda.org"), await user_by_email(connection, "dee@alameda.org")
    assert ana
    assert dee
    assert (ana.status, dee.status) == (UserStatus.INACTIVE, UserStatus.INVITED)


async def test_one_person_may_head_several_leas_and_local_charters_have_no_head(connection: Connection) -> None:
    both = csv(
        **{
            f"r{OTHER_LEA}": f"{OTHER_LEA},Los Angeles Unified,lea,,,Ana,Ávila,Ana@Alameda.ORG,yes",
            "rcharter": "19647340000000,Accelerated,lea,,local,Chi,Cole,chi@accelerated.org,yes",
            "rcharter_school": "",
        }
    )
    found = await load(connection, both)
    assert found.counts["superintendent added"] == 2
    assert await heads(connection) == {LEA: {"ana@alameda.org"}, OTHER_LEA: {"ana@alameda.org"}}
    assert await user_by_email(connection, "chi@accelerated.org") is None


async def test_a_known_account_keeps_its_name_and_its_suspension(connection: Connection) -> None:
    ana, bo = UserId(worlds.ident("ana")), UserId(worlds.ident("bo"))
    await create_user(connection, NewUser(ana, "ana@alameda.org", "Anna", "Avila", status=UserStatus.INACTIVE))
    await create_user(connection, NewUser(bo, "bo@lausd.org", "Bo", "Bell", status=UserStatus.ACTIVE))
    assert await set_user_status(connection, bo, UserStatus.SUSPENDED, {UserStatus.ACTIVE})
    found = await load(connection, csv())
    assert [note[:6] for note in found.notes] == ["Row 3:", "Row 4:"]
    for user, name, status in ((ana, "Anna", UserStatus.INVITED), (bo, "Bo", UserStatus.SUSPENDED)):
        stored = await user_by_email(
            connection, f"{name.replace('nn', 'n')}@{'alameda' if user == ana else 'lausd'}.org"
        )
        assert stored is not None
        assert (stored.id, stored.first_name, stored.status) == (user, name, status)


async def test_a_superintendents_facts_load_as_assignments_of_each_program(connection: Connection) -> None:
    await load(connection, csv())
    ana = await user_by_email(connection, "ana@alameda.org")
    assert ana
    loaded = await load_person(connection, ana.id)
    assert loaded
    held = {(one.program, one.role, one.school_year) for one in loaded.person.assignments}
    assert held == {(program, RoleSlug("head"), worlds.NOW) for program in (worlds.RED, worlds.BLUE)}


async def test_a_file_without_the_state_needs_a_known_one(connection: Connection) -> None:
    without = csv(rstate="")
    with pytest.raises(DirectoryRefusedError) as refused:
        await load(connection, without)
    assert "Add a row of level state" in str(refused.value.problems[0])
    await load(connection, csv())
    assert (await load(connection, without)).changes == ()


async def test_without_a_current_year_no_role_is_given_and_a_note_says_so(connection: Connection) -> None:
    await connection.execute("delete from school_years")
    found = await load(connection, csv())
    assert "No program has a current school year" in found.notes[0]
    assert await connection.fetchval("select count(*) from users") == 0
    await connection.execute("insert into school_years values ('red', '2026-27', 'current')")
    assert (await load(connection, csv())).counts == {"superintendent added": 3}
    await connection.execute("insert into school_years values ('blue', '2026-27', 'current')")
    assert (await load(connection, csv())).counts == {"superintendent's roles completed": 3}


async def test_a_bad_row_stores_nothing(connection: Connection) -> None:
    before = list(await everything(connection))
    with pytest.raises(DirectoryRefusedError) as refused:
        await load(connection, csv(**{LEA_ROW: "1611190000000,Alameda Unified,lea,,,,,,yes"}), accept=True)
    assert "Write 01611190000000" in str(refused.value.problems[0])
    assert list(await everything(connection)) == before


async def test_two_imports_at_once_wait_for_each_other(pool: Pool) -> None:
    async def one() -> int:
        async with pool.acquire() as connection:
            return len((await load(connection, csv())).changes)

    done = await asyncio.gather(one(), one(), one())
    assert sorted(done) == [0, 0, 11]


async def test_comparing_reads_as_often_however_large_the_file(connection: Connection) -> None:
    sent: list[int] = []
    for schools in (10, 1_000):
        counted, counter = counting(connection)
        rows = [f"0161119{n:07d},School {n},school,{LEA},,,,,yes" for n in range(1, schools + 1)]
        await compare_directory(counted, text((*ROWS.values(), *rows)).encode(), PACKS)
        sent.append(counter.sent)
    assert sent[0] == sent[1]
