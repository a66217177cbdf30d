"""Questions about a past moment are answered by that moment's roles, states, forms, groups, tree, years and packs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.access_version import raise_epoch, raise_versions
from store.connection import Connection
from store.past import PastConnection
from store.people import load_person
from tests.graphql.changes import assign, remove
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, HILL, LEA, PARK, ROSTER, YEAR, Caller, assignment_id, codes, user_id

pytestmark = pytest.mark.rule("years", "access")

EXPLAIN = """query ($check: Check!, $asOf: DateTime) { explain(check: $check, asOf: $asOf) {
    asOf decision { allowed reason explanation accessVersion } considered { outcome stops { gate } }
    roles { outcome held { program role label schoolYear level code organizationName status primary }
        assignment { id } stops { gate } } remedies { gate } ways { role { code } } } }"""
WINDOWS = "toms:windows:view"


async def moment(connection: Connection) -> str:
    at: datetime = await connection.fetchval("select clock_timestamp()")
    return at.astimezone(UTC).isoformat()


async def change(connection: Connection, *statements: str) -> None:
    """As somebody else's statement would: with everybody's versions raised, so that today's answers follow."""
    async with connection.transaction():
        for one in statements:
            assert not (await connection.execute(one)).endswith(" 0")
        await raise_versions(connection, [])
        await raise_epoch(connection)


async def explained(
    asking: Caller, subject: str | None, as_of: str | None, where: Any = PARK, permission: str = WINDOWS, **more: Any
) -> Any:
    target = more or {"organization": {"id": str(where)}}
    check = {"permission": permission, **target}
    check |= {"subject": str(user_id(subject))} if subject else {}
    return (await asking.data(EXPLAIN, check=check, asOf=as_of))["explain"]


async def test_a_role_that_was_taken_away_counted_before(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    before = await moment(connection)
    assert (await remove(site, assignment_id("colleague", "test-administrator", PARK)))["userErrors"] == []
    assert await explained(await as_person("site"), "colleague", None) is None
    then = await explained(await as_person("site"), "colleague", before)
    assert then["decision"]["allowed"] is True
    assert then["decision"]["accessVersion"] is None
    assert then["asOf"].startswith(before[:19])
    (role,) = then["roles"]
    assert role["assignment"] is None
    assert role["held"] == {
        "program": "caaspp", "role": "test-administrator", "label": "CAASPP Test Administrator", "schoolYear": YEAR,
        "level": "SCHOOL", "code": role["held"]["code"], "organizationName": "Park Elementary", "status": "ACTIVE",
        "primary": False,
    }  # fmt: skip


async def test_a_role_that_was_given_later_did_not_count_before(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("primary")
    before = await moment(connection)
    assert (await assign(lead, "teacher", role="site-coordinator", organization=str(HILL)))["userErrors"] == []
    now = await explained(await as_person("primary"), "teacher", None, HILL)
    assert now["decision"]["allowed"] is True
    then = await explained(await as_person("primary"), "teacher", before, HILL)
    assert then["decision"]["allowed"] is False
    assert [one["held"]["organizationName"] for one in then["roles"]] == ["Park Elementary"]
    assert (then["remedies"], then["ways"]) == ([], [])


@pytest.mark.parametrize(
    ("alteration", "gate"),
    [
        ("update role_assignments set status = 'suspended' where user_id = '{user}'", "ASSIGNMENT_SUSPENDED"),
        ("update users set status = 'suspended' where id = '{user}'", "ACCOUNT_SUSPENDED"),
        ("update users set status = 'invited' where id = '{user}'", "INVITED"),
        ("delete from signed_forms where user_id = '{user}'", "FORMS"),
        ("update organizations set active = false where id = '{place}'", "ORGANIZATION_CLOSED"),
    ],
)
async def test_what_stands_in_the_way_now_did_not_then(
    as_person: AsCaller, connection: Connection, alteration: str, gate: str
) -> None:
    before = await moment(connection)
    await change(connection, alteration.format(user=user_id("colleague"), place=PARK))
    after = await moment(connection)
    lead = await as_person("primary")
    for as_of in (None, after):
        now = await explained(lead, "colleague", as_of)
        assert now["decision"]["allowed"] is False
        assert [stop["gate"] for stop in now["considered"][0]["stops"]] == [gate]
    assert (await explained(lead, "colleague", before))["decision"]["allowed"] is True


async def test_what_stood_in_the_way_then_no_longer_does(as_person: AsCaller, connection: Connection) -> None:
    user = user_id("colleague")
    await change(connection, f"update role_assignments set status = 'suspended' where user_id = '{user}'")
    between = await moment(connection)
    await change(connection, f"update role_assignments set status = 'active' where user_id = '{user}'")
    lead = await as_person("primary")
    assert (await explained(lead, "colleague", None))["decision"]["allowed"] is True
    then = await explained(lead, "colleague", between)
    assert then["decision"]["allowed"] is False
    assert then["roles"][0]["held"]["status"] == "SUSPENDED"


async def test_about_oneself_the_past_is_ones_own(as_person: AsCaller, connection: Connection) -> None:
    before = await moment(connection)
    await change(
        connection, f"delete from role_assignments where user_id = '{user_id('shared')}' and program = 'caaspp'"
    )
    shared = await as_person("shared")
    assert (await explained(shared, None, None))["decision"]["allowed"] is False
    assert (await explained(shared, None, before))["decision"]["allowed"] is True
    assert (await explained(shared, "shared", before))["decision"]["allowed"] is True


async def test_a_student_group_that_was_held_then(as_person: AsCaller, connection: Connection) -> None:
    assert await as_person("teacher")
    before = datetime.fromisoformat(await moment(connection))
    await change(
        connection,
        f"delete from student_group_users where user_id = '{user_id('teacher')}'",
        f"delete from student_groups where id = '{ROSTER}'",
    )
    held = await load_person(PastConnection(connection, before), user_id("teacher"))
    assert held is not None
    assert [(one.group, one.organization) for one in held.person.rosters] == [(ROSTER, PARK)]
    now = await load_person(connection, user_id("teacher"))
    assert now is not None
    assert now.person.rosters == ()


async def test_the_tree_of_that_day_decides(as_person: AsCaller, connection: Connection) -> None:
    before = await moment(connection)
    other = await connection.fetchval("select lea_id from organizations where id = $1", BEACH)
    await change(
        connection,
        f"update organizations set parent_id = '{other}', lea_id = '{other}' where id = '{HILL}'",
        f"update role_assignments set lea_id = '{other}' where organization_id = '{HILL}'",
    )
    lead = await as_person("primary")
    assert (await explained(lead, None, None, HILL))["decision"]["allowed"] is False
    assert (await explained(lead, None, before, HILL))["decision"]["allowed"] is True


async def test_a_year_that_ended_since_was_current_then(as_person: AsCaller, connection: Connection) -> None:
    before = await moment(connection)
    await change(
        connection,
        "update school_years set status = 'closed', closed_at = now() where program = 'caaspp' and status = 'current'",
        "update school_years set status = 'current', current_at = now() "
        "where program = 'caaspp' and status = 'upcoming'",
        f"update role_assignments set status = 'expired' where program = 'caaspp' and school_year = '{YEAR}'",
        "update users set status = 'inactive' where status = 'active'",
    )
    colleague = PastConnection(connection, datetime.fromisoformat(before))
    row = await colleague.fetchrow("select u.status, a.status as role from users u join role_assignments a "
                                   "on a.user_id = u.id where u.id = $1", user_id("colleague"))  # fmt: skip
    assert row is not None
    assert tuple(row.values()) == ("active", "active")
    years = await colleague.fetch("select status from school_years where program = 'caaspp' order by school_year")
    assert [one["status"] for one in years] == ["current", "upcoming"]
    after = PastConnection(connection, await connection.fetchval("select clock_timestamp()"))
    row = await after.fetchrow("select u.status, a.status as role from users u join role_assignments a "
                               "on a.user_id = u.id where u.id = $1", user_id("colleague"))  # fmt: skip
    assert row is not None
    assert tuple(row.values()) == ("inactive", "expired")


async def test_a_pack_that_was_replaced_counts_for_its_days(as_person: AsCaller, connection: Connection) -> None:
    before = await moment(connection)
    await change(
        connection,
        "update packs set source = replace(source, '\"CAASPP Test Administrator\"', '\"Proctor\"'), "
        "digest = sha256('x') where program = 'caaspp'",
    )
    lead = await as_person("primary")
    then, now = [await explained(lead, "colleague", as_of) for as_of in (before, None)]
    assert then["roles"][0]["held"]["label"] == "CAASPP Test Administrator"
    assert now["roles"][0]["held"]["label"] == "Proctor"


async def test_what_nobody_can_know_is_refused(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("primary")
    check = {"permission": WINDOWS, "organization": {"id": str(PARK)}}
    begins: datetime = await connection.fetchval("select begins_at from history_state")
    for as_of, told in (
        (begins - timedelta(seconds=1), "history begins at"),
        (datetime.now(UTC) + timedelta(days=1), "still to come"),
    ):
        answer = await lead.ask(EXPLAIN, check=check, asOf=as_of.isoformat())
        assert codes(answer) == [("BAD_USER_INPUT", ["explain"])]
        assert told in answer["errors"][0]["message"]


async def test_the_past_shows_no_more_than_today_does(as_person: AsCaller, connection: Connection) -> None:
    """Who asks has today's rights: another LEA's people stay unseen, whatever the moment."""
    before = await moment(connection)
    for asker in ("far-lead", "colleague"):
        assert await explained(await as_person(asker), "teacher", before) is None
    assert (await explained(await as_person("far-lead"), None, before, LEA))["decision"]["allowed"] is False


async def test_the_past_cannot_be_written(connection: Connection) -> None:
    past = PastConnection(connection, datetime.now(UTC))
    with pytest.raises(TypeError, match="only be read"):
        await past.execute("delete from users")
