"""TOMS files on a real database: what each row does, what is refused, and that all of it or nothing is applied."""

from typing import Any
from uuid import UUID

import pytest

from gateway.state import Gateway
from gateway.uploads.working import work_on
from policy.ids import SchoolYear, UserId
from policy.upload_kinds import UploadState
from store.access_version import raise_versions
from tests.graphql.world import PARK, assignment_id, give, person, user_id
from tests.oidc.world import HILL
from tests.uploads.files import (
    EDUCATOR,
    FAR_CODE,
    HILL_CODE,
    LEA_CODE,
    PARK_CODE,
    SITE,
    TA,
    TE,
    Sending,
    applied,
    move,
    record,
    report,
    toms,
    validated,
)

ADA, BO = "ada@valley.example", "bo@valley.example"
TABLES = ("users", "role_assignments", "former_roles", "access_changes", "access_state", "messages", "pgqueuer")


async def held(gateway: Gateway, address: str) -> list[tuple[Any, ...]]:
    """Role, organization's code and giver's role of each assignment."""
    async with gateway.pool.acquire() as connection:
        rows = await connection.fetch(
            "select a.role, o.code, a.assigned_under from users u join role_assignments a on a.user_id = u.id "
            "join organizations o on o.id = a.organization_id where u.email = $1 order by 1, 2",
            address,
        )
    return [tuple(row.values()) for row in rows]


async def everything(gateway: Gateway) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    async with gateway.pool.acquire() as connection:
        for table in TABLES:
            rows = await connection.fetch(f"select x::text from {table} x order by 1")
            found += [(table, row[0]) for row in rows]
    return found


async def status(gateway: Gateway, name: str, new: str | None = None) -> str:
    async with gateway.pool.acquire() as connection:
        if new is not None:
            await connection.execute("update users set status = $2 where id = $1", user_id(name), new)
        return await connection.fetchval("select status from users where id = $1", user_id(name))


@pytest.mark.rule("S0-48")
async def test_new_people_get_accounts_roles_and_invitations(state: Gateway) -> None:
    done = await applied(state, toms((ADA, TA, PARK_CODE), (BO, TE, HILL_CODE)))
    assert (done.state, done.counts, done.notes) == (UploadState.APPLIED, {"created": 2}, [])
    assert await held(state, ADA) == [("test-administrator", PARK_CODE, "lea-coordinator")]
    async with state.pool.acquire() as connection:
        rows = await connection.fetch(
            "select email, status, phone, name_key from users where email in ($1, $2)", ADA, BO
        )
        assert {tuple(row.values()) for row in rows} == {
            (ADA, "invited", "916-555-0100", "doe pat"), (BO, "invited", "916-555-0100", "doe pat"),
        }  # fmt: skip
        mails = await connection.fetch("select template, notices from messages where cause = $1", done.id)
        assert [row["template"] for row in mails] == ["invitation", "invitation"]
        assert await connection.fetchval("select count(*) from pgqueuer where entrypoint = 'mail-batch'") == 1


@pytest.mark.rule("S0-39")
async def test_s0_39_a_row_replaces_the_role_at_that_organization_and_no_other(state: Gateway) -> None:
    async with state.pool.acquire() as connection:
        await give(connection, "teacher", "test-examiner", HILL)
    done = await applied(state, toms(("teacher@valley.example", EDUCATOR, PARK_CODE)))
    assert done.counts == {"replaced": 1}
    assert await held(state, "teacher@valley.example") == [
        ("educator-test-site", PARK_CODE, "lea-coordinator"), ("test-examiner", HILL_CODE, None),
    ]  # fmt: skip
    (line,) = await report(state, done.id)
    assert (line["Before"], line["After"], line["Code"]) == (
        "CAASPP Test Administrator",
        "Educator - Test Site",
        "DIFFERS",
    )


async def test_the_same_file_twice_changes_nothing(state: Gateway) -> None:
    data = toms(
        (ADA, TA, PARK_CODE), ("teacher@valley.example", TE, PARK_CODE), ("shared@valley.example", TA, HILL_CODE)
    )
    first = await applied(state, data)
    assert first.counts == {"created": 1, "replaced": 1, "added": 1}
    before = await everything(state)
    again = await applied(state, data)
    assert (again.state, again.counts) == (UploadState.APPLIED, {"unchanged": 3})
    assert await everything(state) == before


@pytest.mark.rule("S0-41")
async def test_s0_41_one_error_and_nothing_is_applied(state: Gateway) -> None:
    before = await everything(state)
    done = await applied(state, toms((ADA, TA, PARK_CODE), (BO, "No Such Role", PARK_CODE)))
    assert (done.state, done.counts) == (UploadState.REFUSED, {"created": 1, "error": 1})
    assert "nothing of the file" in done.notes[0]
    assert await everything(state) == before


@pytest.mark.rule("S0-41")
async def test_s0_41_two_roles_at_one_organization_in_one_file(state: Gateway) -> None:
    done = await applied(state, toms((ADA, TA, PARK_CODE), (ADA.upper(), TE, PARK_CODE)))
    assert done.state is UploadState.REFUSED
    assert any(line["Rule"] == "S0-41" for line in await report(state, done.id))


@pytest.mark.rule("S0-42")
@pytest.mark.checklist("54 files")
async def test_s0_42_unknown_and_unreachable_organizations_are_answered_alike(state: Gateway) -> None:
    there, nowhere = "19999990000001", FAR_CODE
    done = await applied(state, toms((ADA, TA, there), (BO, TA, nowhere)))
    assert done.state is UploadState.REFUSED
    lines = await report(state, done.id)
    told = [{key: value for key, value in line.items() if key not in {"Row", "E-mail"}} for line in lines]
    hidden = [str(line).replace(there, "?").replace(nowhere, "?") for line in told]
    assert hidden[0] == hidden[1]
    assert lines[0]["Code"] == "NOT_WITHIN_REACH"


@pytest.mark.rule("S0-42")
async def test_s0_42_a_site_coordinator_sends_for_her_school_alone(state: Gateway) -> None:
    site = Sending("site", "site-coordinator")
    assert (await applied(state, toms((ADA, TA, PARK_CODE)), site)).counts == {"created": 1}
    other = await applied(state, toms((BO, TA, HILL_CODE)), site)
    assert (other.state, other.problems[0]["code"]) == (UploadState.REFUSED, "NOT_WITHIN_REACH")
    peer = await applied(state, toms((BO, SITE, PARK_CODE)), site)
    assert peer.state is UploadState.REFUSED


@pytest.mark.rule("files")
@pytest.mark.parametrize(
    ("address", "role", "code"),
    [
        ("primary@valley.example", TA, PARK_CODE),
        ("additional@valley.example", "Educator - District", LEA_CODE),
        ("superintendent@valley.example", "LEA CAASPP Coordinator", LEA_CODE),
        (ADA, "LEA CAASPP Coordinator", LEA_CODE),
    ],
)
async def test_oneself_coordinators_and_superintendents_are_not_touched_by_a_file(
    state: Gateway, address: str, role: str, code: str
) -> None:
    before = await everything(state)
    done = await applied(state, toms((address, role, code)))
    assert (done.state, done.counts) == (UploadState.REFUSED, {"refused": 1})
    assert await everything(state) == before


@pytest.mark.rule("files")
async def test_a_row_about_a_superior_that_equals_what_is_stored_is_unchanged(state: Gateway) -> None:
    rows = toms(
        ("primary@valley.example", "LEA CAASPP Coordinator", LEA_CODE, "Primary", "Example"),
        ("additional@valley.example", "LEA CAASPP Coordinator", LEA_CODE, "Additional", "Example"),
    )
    done = await applied(state, rows)
    assert (done.state, done.counts) == (UploadState.APPLIED, {"unchanged": 2})


@pytest.mark.rule("files")
async def test_a_site_coordinators_file_cannot_downgrade_a_peer(state: Gateway) -> None:
    async with state.pool.acquire() as connection:
        await person(connection, "peer")
        await give(connection, "peer", "site-coordinator", PARK)
    done = await applied(state, toms(("peer@valley.example", TA, PARK_CODE)), Sending("site", "site-coordinator"))
    assert (done.state, done.counts) == (UploadState.REFUSED, {"refused": 1})
    assert await held(state, "peer@valley.example") == [("site-coordinator", PARK_CODE, None)]


@pytest.mark.rule("accounts-5")
async def test_a_suspended_person_stays_suspended_and_the_report_says_so(state: Gateway) -> None:
    await status(state, "teacher", "suspended")
    for role in (TA, TE):
        done = await applied(state, toms(("teacher@valley.example", role, PARK_CODE)))
        assert (done.state, done.problems[0]["column"]) == (UploadState.REFUSED, "E-mail Address")
        assert "suspended" in done.problems[0]["message"]
    assert await status(state, "teacher") == "suspended"


@pytest.mark.rule("accounts-5")
async def test_a_suspended_role_is_not_replaced(state: Gateway) -> None:
    async with state.pool.acquire() as connection:
        await connection.execute(
            "update role_assignments set status = 'suspended' where id = $1",
            assignment_id("teacher", "test-administrator", PARK),
        )
    for role in (TA, TE):
        done = await applied(state, toms(("teacher@valley.example", role, PARK_CODE)))
        assert done.state is UploadState.REFUSED, role


@pytest.mark.rule("accounts-5")
async def test_an_inactive_person_is_reactivated(state: Gateway) -> None:
    await status(state, "teacher", "inactive")
    done = await applied(state, toms(("teacher@valley.example", TA, PARK_CODE, "Teacher", "Example")))
    assert done.counts == {"reactivated": 1}
    assert await status(state, "teacher") == "invited"  # nobody ever chose a password
    assert len(await held(state, "teacher@valley.example")) == 1


@pytest.mark.rule("accounts-3")
async def test_another_leas_person_keeps_name_and_number(state: Gateway) -> None:
    done = await applied(
        state, toms(("far-teacher@valley.example", TA, PARK_CODE, "Mallory", "Example", "916-555-0199"))
    )
    assert done.counts == {"added": 1}
    (line,) = await report(state, done.id)
    assert line["Message"].startswith("The account has another first name and telephone number")
    assert "Far" not in str(line).replace(line["E-mail"], "")
    async with state.pool.acquire() as connection:
        found = await connection.fetchrow("select first_name, phone from users where id = $1", user_id("far-teacher"))
    assert found is not None
    assert tuple(found.values()) == ("Far-Teacher", "916-555-0100")


@pytest.mark.rule("S0-46")
async def test_s0_46_a_lost_zero_is_shown_only_within_reach(state: Gateway) -> None:
    async with state.pool.acquire() as connection:
        await connection.execute("update organizations set code = '01647331930000' where id = $1", PARK)
    mine = await validated(state, toms((ADA, TA, "1647331930000")))
    other = await validated(state, toms((ADA, TA, FAR_CODE.removeprefix("0"))))
    assert "01647331930000" in mine.problems[0]["remedy"]
    assert FAR_CODE not in str(other.problems)


async def test_a_change_in_between_is_validated_anew_and_nothing_is_applied(state: Gateway) -> None:
    found = await validated(state, toms((ADA, TA, PARK_CODE), ("teacher@valley.example", TE, PARK_CODE)))
    async with state.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "update role_assignments set role = 'educator-test-site' where user_id = $1", user_id("teacher")
        )
        await raise_versions(connection, [user_id("teacher")])
    before = await everything(state)
    await move(state, found.id, UploadState.APPLYING)
    assert await work_on(state, found.id) is UploadState.VALIDATING
    assert await everything(state) == before
    assert await work_on(state, found.id) is UploadState.VALIDATED
    anew = await record(state, found.id)
    assert "validated anew" in anew.notes[0]
    assert [line["Before"] for line in await report(state, found.id)] == ["", "Educator - Test Site"]


async def test_a_sender_who_lost_her_role_applies_nothing(state: Gateway) -> None:
    found = await validated(state, toms((ADA, TA, PARK_CODE)))
    async with state.pool.acquire() as connection, connection.transaction():
        await connection.execute("delete from role_assignments where user_id = $1", user_id("primary"))
        await raise_versions(connection, [user_id("primary")])
    await move(state, found.id, UploadState.APPLYING)
    assert await work_on(state, found.id) is UploadState.VALIDATING
    assert await work_on(state, found.id) is UploadState.REFUSED
    assert (await record(state, found.id)).problems[0]["code"] == "no-access"
    assert await held(state, ADA) == []


async def test_every_changed_row_is_audited_with_its_upload(state: Gateway) -> None:
    done = await applied(state, toms((ADA, TA, PARK_CODE), ("teacher@valley.example", TE, PARK_CODE)))
    async with state.pool.acquire() as connection:
        rows = await connection.fetch(
            "select * from audit_events where after ->> 'upload' = $1 order by (after ->> 'row')::int", str(done.id)
        )
    created, replaced = rows
    assert (created["actor_id"], created["acting_under"], created["outcome"]) == (
        user_id("primary"), "caaspp/lea-coordinator", "allowed",
    )  # fmt: skip
    assert (created["before"], created["after"]["row"], created["after"]["role"]) == (None, 2, "test-administrator")
    assert replaced["before"]["roles"] == ["test-administrator"]
    assert replaced["before"]["assignment"] == str(assignment_id("teacher", "test-administrator", PARK))
    assert UUID(replaced["after"]["user"]) == UserId(user_id("teacher"))
    assert not any(
        word in str([tuple(row.values()) for row in rows]) for word in ("ada@", "Pat", "teacher@", "916-555")
    )


async def test_the_operator_sends_for_every_organization(state: Gateway) -> None:
    done = await applied(state, toms((ADA, TA, PARK_CODE), (BO, SITE, FAR_CODE)), Sending(None))
    assert done.counts == {"created": 2}
    async with state.pool.acquire() as connection:
        rows = await connection.fetch(
            "select distinct origin, assigned_by from role_assignments where origin <> 'operator'"
        )
        assert rows == []
        events = await connection.fetch("select operator_reason, acting_under from audit_events where actor_id is null")
    assert {tuple(row.values()) for row in events} == {("a test", None)}


async def test_a_file_for_a_year_that_is_not_open_is_refused(state: Gateway) -> None:
    done = await validated(state, toms((ADA, TA, PARK_CODE)), Sending(year=SchoolYear("2020-21")))
    assert (done.state, done.problems[0]["code"]) == (UploadState.REFUSED, "year-not-open")


async def test_the_wrong_file_altogether_is_refused_whole(state: Gateway) -> None:
    done = await validated(state, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    assert (done.state, done.row_count, len(await report(state, done.id))) == (UploadState.REFUSED, 0, 1)


async def test_a_crash_of_the_server_loses_no_file(state: Gateway) -> None:
    """What a crash leaves of unlogged tables: nothing. The file is validated anew before it is applied."""
    found = await validated(state, toms((ADA, TA, PARK_CODE)))
    async with state.pool.acquire() as connection:
        for table in ("upload_rows", "upload_found", "upload_progress"):
            await connection.execute(f"delete from {table}")
    await move(state, found.id, UploadState.APPLYING)
    assert [await work_on(state, found.id), await work_on(state, found.id)] == [
        UploadState.VALIDATING, UploadState.VALIDATED,
    ]  # fmt: skip
    await move(state, found.id, UploadState.APPLYING)
    assert await work_on(state, found.id) is UploadState.APPLIED
    assert len(await held(state, ADA)) == 1


async def test_more_than_a_thousand_people_are_told_of_as_everybody(state: Gateway) -> None:
    rows = [(f"p{number}@valley.example", TA, PARK_CODE) for number in range(1_001)]
    async with state.pool.acquire() as connection:
        epoch = await connection.fetchval("select epoch from access_state")
    done = await applied(state, toms(*rows))
    assert done.counts == {"created": 1_001}
    async with state.pool.acquire() as connection:
        assert await connection.fetchval("select epoch from access_state") > epoch
        assert await connection.fetchval("select count(*) from messages where cause = $1", done.id) == 1_001
