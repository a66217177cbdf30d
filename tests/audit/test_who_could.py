"""Who could see a school, a student group or a student between two dates: by which role and permission, from–to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy.ids import Permission
from policy.who_could import Sight, Sweep, together
from store.connection import Connection
from tests.audit.test_past import change, moment
from tests.audit.test_reading import state_person
from tests.graphql.changes import remove
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, HILL, PARK, ROSTER, Caller, assignment_id, codes, user_id
from tests.policy.worlds import ident

pytestmark = pytest.mark.rule("state")

WHO = """query ($since: DateTime!, $until: DateTime!, $organization: OrganizationRef, $studentGroup: ID,
    $student: StudentRef, $permission: Permission) {
    whoCouldSee(since: $since, until: $until, organization: $organization, studentGroup: $studentGroup,
        student: $student, permission: $permission) {
        userId personName program role schoolYear level code organizationName permissions since until } }"""
WINDOWS = "toms:windows:view"


async def who(asking: Caller, since: str, until: str, **asked: Any) -> list[dict[str, Any]]:
    return (await asking.data(WHO, since=since, until=until, **asked))["whoCouldSee"]


def at(place: Any) -> dict[str, Any]:
    return {"organization": {"id": str(place)}}


def of(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for one in rows if one["userId"] == str(user_id(name))]


@pytest.fixture
async def auditor(as_person: AsCaller, connection: Connection) -> Caller:
    await state_person(connection, "auditor", "auditor")
    return await as_person("auditor")


async def test_a_role_is_told_from_when_it_was_given_until_it_was_taken(
    auditor: Caller, as_person: AsCaller, connection: Connection
) -> None:
    begin = await moment(connection)
    held = assignment_id("colleague", "test-administrator", PARK)
    assert (await remove(await as_person("site"), held))["userErrors"] == []
    end = await moment(connection)
    rows = await who(auditor, begin, end, **at(PARK), permission=WINDOWS)
    (gone,) = of(rows, "colleague")
    assert (gone["role"], gone["organizationName"], gone["permissions"]) == (
        "test-administrator", "Park Elementary", [WINDOWS],
    )  # fmt: skip
    assert datetime.fromisoformat(gone["since"]) == datetime.fromisoformat(begin)
    assert datetime.fromisoformat(begin) < datetime.fromisoformat(gone["until"]) < datetime.fromisoformat(end)
    (stays,) = of(rows, "teacher")
    assert datetime.fromisoformat(stays["until"]) == datetime.fromisoformat(end)
    assert of(rows, "primary")
    assert not of(rows, "far-lead")
    assert not of(rows, "unsigned"), "her form was never signed"
    assert not of(rows, "hill-site"), "of another school"


async def test_a_suspension_is_a_gap(auditor: Caller, connection: Connection) -> None:
    begin = await moment(connection)
    user = user_id("teacher")
    await change(connection, f"update role_assignments set status = 'suspended' where user_id = '{user}'")
    await change(connection, f"update role_assignments set status = 'active' where user_id = '{user}'")
    end = await moment(connection)
    first, second = of(await who(auditor, begin, end, **at(PARK), permission=WINDOWS), "teacher")
    assert first["until"] < second["since"]


async def test_a_form_signed_between_begins_it(auditor: Caller, connection: Connection) -> None:
    begin = await moment(connection)
    await change(
        connection,
        "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name, signed_at) select "
        f"'{user_id('unsigned')}', program, form, school_year, form_version, 'me', now() from signed_forms "
        f"where user_id = '{user_id('teacher')}'",
    )
    end = await moment(connection)
    (row,) = of(await who(auditor, begin, end, **at(PARK), permission=WINDOWS), "unsigned")
    assert datetime.fromisoformat(begin) < datetime.fromisoformat(row["since"])
    assert row["until"] == end or datetime.fromisoformat(row["until"]) == datetime.fromisoformat(end)


async def test_a_school_that_moved_was_seen_by_its_old_lea_until_then(auditor: Caller, connection: Connection) -> None:
    begin = await moment(connection)
    other = await connection.fetchval("select lea_id from organizations where id = $1", BEACH)
    await change(
        connection,
        f"update organizations set parent_id = '{other}', lea_id = '{other}' where id = '{HILL}'",
        f"update role_assignments set lea_id = '{other}' where organization_id = '{HILL}'",
    )
    end = await moment(connection)
    rows = await who(auditor, begin, end, **at(HILL), permission=WINDOWS)
    (old,), (new,) = of(rows, "primary"), of(rows, "far-lead")
    assert old["until"] == new["since"]


async def test_a_student_group_and_a_student(auditor: Caller, as_person: AsCaller, connection: Connection) -> None:
    await change(
        connection, f"update role_assignments set role = 'educator-roster' where user_id = '{user_id('teacher')}'"
    )
    begin = await moment(connection)
    rows = await who(auditor, begin, await moment(connection), studentGroup=str(ROSTER))
    assert of(rows, "teacher")
    student = {"id": "9876543210", "organization": {"id": str(PARK)}}
    rows = await who(auditor, begin, await moment(connection), student=student)
    assert of(rows, "primary")
    assert not of(rows, "far-lead")
    kept = await connection.fetchval("select count(*) from audit_events e where e::text like '%9876543210%'")
    assert kept == 0
    answer = await auditor.ask(WHO, since=begin, until=await moment(connection), student={"id": "9876543210"})
    assert codes(answer) == [("BAD_USER_INPUT", ["whoCouldSee"])]


async def test_a_coordinator_is_told_of_her_reach_and_of_nothing_else(
    as_person: AsCaller, connection: Connection
) -> None:
    begin = await moment(connection)
    end = await moment(connection)
    site = await as_person("site")
    rows = await who(site, begin, end, **at(PARK))
    assert of(rows, "teacher")
    assert {one["organizationName"] for one in rows} == {"Park Elementary"}, "roles of the LEA are out of her reach"
    for asked in (at(BEACH), at(ident("nowhere"))):
        answer = await site.ask(WHO, since=begin, until=end, **asked)
        assert codes(answer) == [("NOT_FOUND", ["whoCouldSee"])]
    answer = await (await as_person("teacher")).ask(WHO, since=begin, until=end, **at(PARK))
    assert answer["data"] == {"whoCouldSee": None}


async def test_what_can_not_be_answered_is_refused(auditor: Caller, connection: Connection) -> None:
    now = await moment(connection)
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for asked in (
        {"since": now, "until": now, **at(PARK)},
        {"since": now, "until": ahead, **at(PARK)},
        {"since": "2001-01-01T00:00:00Z", "until": now, **at(PARK)},
        {"since": now, "until": await moment(connection)},
        {"since": now, "until": await moment(connection), **at(PARK), "studentGroup": str(ROSTER)},
    ):
        assert codes(await auditor.ask(WHO, **asked)) == [("BAD_USER_INPUT", ["whoCouldSee"])]


def test_a_sweep_joins_what_goes_on_and_parts_what_ended() -> None:
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 6)]
    held = assignment_id("a", "r", PARK)
    one, two = (Sight(user_id("a"), held, Permission(name)) for name in ("x:y:z", "x:y:w"))
    sweep = Sweep()
    for when, seen in zip(times, ([one], [one, two], [two], [one, two]), strict=False):
        sweep.pass_(when, one.user, seen)
    found = together(sweep.end(times[4]))
    periods = {(period.since.day, period.until.day): names for (_, _, period), names in found.items()}
    assert periods == {(1, 3): ["x:y:z"], (4, 5): ["x:y:z"], (2, 5): ["x:y:w"]}
