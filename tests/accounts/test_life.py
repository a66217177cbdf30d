"""The life of an account: invited, active, inactive, suspended, deleted, and the three ways back (S0-55)."""

from datetime import timedelta
from typing import Any

import pytest

from store.database import Connection
from store.deletion import erase_person, people_to_erase
from tests.accounts.acting import DOCUMENTS, act, help_desk, mails, refused, status_of, version_of
from tests.graphql.changes import assign, create, errors, events, remove, role
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, LEA, PARK, assignment_id, codes, give, person, session, user_id
from tests.oidc.world import CAASPP, HASH, NOW, Clock


async def inactive(connection: Connection, name: str) -> None:
    await connection.execute(
        "update users set status = 'inactive', password_hash = $2 where id = $1", user_id(name), HASH
    )


@pytest.mark.rule("S0-55", "S0-22", "S0-51")
async def test_s0_55_an_inactive_person_with_a_role_comes_back_by_reset(
    as_person: AsCaller, connection: Connection
) -> None:
    """The third way: present but inactive, with a role assigned, then [Reset Password]."""
    await inactive(connection, "colleague")
    site = await as_person("site")
    made = await act(site, "resetPassword", user=str(user_id("colleague")))
    assert (made["userErrors"], made["user"]["status"]) == ([], "ACTIVE")
    assert await mails(connection, "colleague") == ["password-reset"]
    assert await connection.fetchval("select password_hash from users where id = $1", user_id("colleague")) is None


@pytest.mark.rule("S0-55", "accounts-5")
async def test_s0_55_an_inactive_person_comes_back_by_a_new_role(as_person: AsCaller, connection: Connection) -> None:
    """The second way in two forms: adding the user one by one, and assigning a role to the account that is there."""
    await inactive(connection, "colleague")
    created = await create(await as_person("site"), email="colleague@valley.example", roles=[role("educator-roster")])
    assert [code for code, _, _ in errors(created)] == ["SECOND_ROLE"], "what she holds still counts"
    assert await status_of(connection, "colleague") == "inactive"
    made = await assign(await as_person("primary"), "colleague", **role("educator-roster", HILL))
    assert errors(made) == []
    assert await status_of(connection, "colleague") == "active"


@pytest.mark.rule("S0-55", "S0-51")
async def test_a_reset_ends_sessions_and_the_password_and_is_nobodys_to_see(
    as_person: AsCaller, connection: Connection
) -> None:
    await session(connection, "colleague")
    await connection.execute("update users set password_hash = $2 where id = $1", user_id("colleague"), HASH)
    made = await act(await as_person("primary"), "resetPassword", user=str(user_id("colleague")))
    assert made["userErrors"] == []
    ended = await connection.fetchval(
        "select count(*) from sessions where user_id = $1 and ended_at is null", user_id("colleague")
    )
    assert ended == 0
    event = (await events(connection))[-1]
    assert (event["action"], event["acting_under"]) == ("resetPassword", "caaspp/lea-coordinator")
    assert await connection.fetchval("select count(*) from account_links") == 0, "the link is made when it is mailed"


@pytest.mark.rule("S0-19", "S0-20")
@pytest.mark.parametrize(
    ("actor", "target"),
    [("primary", "site"), ("additional", "teacher"), ("site", "teacher"), ("primary", "additional")],
)
@pytest.mark.checklist(48)
async def test_coordinators_reset_those_below_them(
    as_person: AsCaller, connection: Connection, actor: str, target: str
) -> None:
    assert await refused(await as_person(actor), "resetPassword", user=str(user_id(target))) == []


@pytest.mark.rule("S0-25", "accounts-6")
async def test_resending_an_invitation_voids_the_old_one(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    made = await create(site)
    user = made["user"]["id"]
    await connection.execute(
        "insert into account_links (token_hash, user_id, purpose, created_at, expires_at) "
        "values ('x', $1, 'invitation', $2, $3)",
        user, NOW, NOW + timedelta(days=30),
    )  # fmt: skip
    assert await refused(site, "resetPassword", user=user) == ["INVITED"]
    assert await refused(site, "resendInvitation", user=user) == []
    assert await connection.fetchval("select used_at from account_links") is not None
    templates = [
        row["template"] for row in await connection.fetch("select template from messages where user_id = $1", user)
    ]
    assert templates == ["invitation", "invitation"]
    assert await refused(site, "resendInvitation", user=str(user_id("colleague"))) == ["NOT_INVITED"]


@pytest.mark.rule("accounts-3")
async def test_edits_need_the_version_that_was_read_and_record_no_name(
    as_person: AsCaller, connection: Connection
) -> None:
    primary = await as_person("primary")
    version = await version_of(connection, "colleague")
    asked: dict[str, Any] = {"user": str(user_id("colleague")), "lastName": "Lastname"}
    assert await refused(primary, "updateUser", **asked, expectedVersion=version + 1) == ["CHANGED"]
    done = await act(primary, "updateUser", **asked, expectedVersion=version)
    assert (done["userErrors"], done["user"]["lastName"], done["user"]["version"]) == ([], "Lastname", version + 1)
    assert await refused(primary, "updateUser", **asked, expectedVersion=version) == ["CHANGED"]
    event = (await events(connection))[-1]
    assert event["after"] == {"fields": ["last_name"]}
    assert "Lastname" not in str(event)
    key = await connection.fetchval(
        "select name_key from role_assignments where id = $1", assignment_id("colleague", "test-administrator", PARK)
    )
    assert key == "lastname colleague", "lists find her under the new name"


@pytest.mark.rule("S0-49", "S0-50", "accounts-5")
async def test_suspending_shows_its_comment_to_those_who_manage_her_alone(
    as_person: AsCaller, connection: Connection
) -> None:
    await session(connection, "colleague")
    primary, site = await as_person("primary"), await as_person("site")
    target = str(user_id("colleague"))
    done = await act(primary, "deactivateUser", user=target, comment="On leave until spring.")
    assert (done["user"]["status"], done["wholeAccount"]) == ("SUSPENDED", True)
    assert (
        await connection.fetchval(
            "select count(*) from sessions where user_id = $1 and ended_at is null", user_id("colleague")
        )
        == 0
    )
    document = "query ($id: ID!) { user(by: {id: $id}) { suspension { comment under author { firstName } } } }"
    told = (await site.data(document, id=target))["user"]["suspension"]
    assert (told["comment"], told["under"]) == ("On leave until spring.", "caaspp/lea-coordinator")
    assert "leave" not in str(await events(connection))
    assert await mails(connection, "colleague") == ["account-suspended"]
    superintendent = await as_person("superintendent")
    hidden = await superintendent.ask(document, id=target)
    shown: dict[str, Any] | None = hidden["data"]["user"]
    assert shown is None or shown["suspension"] is None
    assert await refused(primary, "deactivateUser", user=target) == ["SUSPENDED"]


@pytest.mark.rule("accounts-5")
async def test_a_role_suspended_alone_says_so_and_comes_back(as_person: AsCaller, connection: Connection) -> None:
    primary = await as_person("primary")
    target = str(user_id("shared"))
    done = await act(primary, "deactivateUser", user=target, comment="Not here")
    assert (done["wholeAccount"], done["suspended"]) == (
        False,
        [str(assignment_id("shared", "test-administrator", PARK))],
    )
    document = "query ($id: ID!) { node(id: $id) { ... on RoleAssignment { status suspension { comment } } } }"
    shown = await primary.data(document, id=str(assignment_id("shared", "test-administrator", PARK)))
    assert shown["node"] == {"status": "SUSPENDED", "suspension": {"comment": "Not here"}}
    assert await refused(primary, "deactivateUser", user=target) == ["SUSPENDED"]
    assert await refused(await as_person("elpac-lead"), "reactivateUser", user=target) == ["NOT_SUSPENDED"]
    back = await act(primary, "reactivateUser", user=target)
    assert (back["userErrors"], back["stillSuspended"]) == ([], False)
    assert (await primary.data(document, id=shown_id()))["node"]["status"] == "ACTIVE"


def shown_id() -> str:
    return str(assignment_id("shared", "test-administrator", PARK))


@pytest.mark.rule("accounts-5")
async def test_what_was_invited_or_inactive_is_so_again_after_a_suspension(
    as_person: AsCaller, connection: Connection
) -> None:
    primary = await as_person("primary")
    for status in ("invited", "inactive"):
        await connection.execute("update users set status = $2 where id = $1", user_id("colleague"), status)
        await act(primary, "deactivateUser", user=str(user_id("colleague")))
        await act(primary, "reactivateUser", user=str(user_id("colleague")))
        assert await status_of(connection, "colleague") == status


@pytest.mark.rule("S0-54", "accounts-5", "accounts-4")
async def test_deleting_ends_everything_at_once_and_erases_after_the_retention(
    as_person: AsCaller, connection: Connection, clock: Clock
) -> None:
    await session(connection, "colleague")
    primary = await as_person("primary")
    version = await version_of(connection, "colleague")
    target = {"user": str(user_id("colleague"))}
    assert await refused(primary, "deleteUser", **target, expectedVersion=version + 1) == ["CHANGED"]
    done = await act(primary, "deleteUser", **target, expectedVersion=version, reason="Left the district")
    assert (done["userErrors"], done["deleted"]) == ([], target["user"])
    row = await connection.fetchrow("select * from users where id = $1", user_id("colleague"))
    assert row is not None
    assert (row["status"], row["email"], row["first_name"], row["name_key"], row["phone"]) == (
        "deleted",
        None,
        "",
        "",
        None,
    )
    assert (
        await connection.fetchval("select count(*) from role_assignments where user_id = $1", user_id("colleague")) == 0
    )
    assert (
        await connection.fetchval(
            "select count(*) from sessions where user_id = $1 and ended_at is null", user_id("colleague")
        )
        == 0
    )
    assert (await primary.data("query ($id: ID!) { user(by: {id: $id}) { id } }", id=target["user"]))["user"] is None
    kept = await connection.fetchrow("select first_name, email, erase_after from deleted_people")
    assert kept is not None
    assert tuple(kept.values()) == ("Colleague", "colleague@valley.example", NOW + timedelta(days=365))
    assert await people_to_erase(connection, NOW + timedelta(days=364)) == []
    (due,) = await people_to_erase(connection, NOW + timedelta(days=365))
    assert await erase_person(connection, due, NOW)
    left = await connection.fetchrow("select first_name, last_name, email, phone from deleted_people")
    assert left is not None
    assert set(left.values()) == {None}
    signed = await connection.fetch("select signed_name from signed_forms where user_id = $1", due)
    assert {one["signed_name"] for one in signed} == {""}
    told = [(one["action"], one["target_id"]) for one in await events(connection)]
    assert ("deleteUser", target["user"]) in told, "the audit keeps ids"


@pytest.mark.rule("delegation-1")
async def test_a_roles_last_day(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    held = str(assignment_id("colleague", "test-administrator", PARK))
    assert await refused(site, "updateAssignment", assignment=held, lastDay="2026-11-20", expectedVersion=1) == [
        "PAST_DAY"
    ]
    assert await refused(site, "updateAssignment", assignment=held, lastDay="2027-01-31", expectedVersion=2) == [
        "CHANGED"
    ]
    done = await act(site, "updateAssignment", assignment=held, lastDay="2027-01-31", expectedVersion=1)
    assert done["assignment"] == {"id": held, "lastDay": "2027-01-31", "version": 2}
    done = await act(site, "updateAssignment", assignment=held, lastDay=None, expectedVersion=2)
    assert done["assignment"]["lastDay"] is None
    own = str(assignment_id("site", "site-coordinator", PARK))
    assert await refused(site, "updateAssignment", assignment=own, lastDay=None, expectedVersion=1) == [
        "OWN_ASSIGNMENT"
    ]


@pytest.mark.rule("S1-08", "delegation-4")
async def test_s1_08_the_longest_assigned_coordinator_follows(as_person: AsCaller, connection: Connection) -> None:
    await person(connection, "later")
    await give(connection, "later", "lea-coordinator", LEA)
    later = NOW + timedelta(days=1)
    await connection.execute("update role_assignments set assigned_at = $2 where user_id = $1", user_id("later"), later)
    superintendent = await as_person("superintendent")
    removed = await remove(superintendent, assignment_id("primary", "lea-coordinator", LEA))
    assert errors(removed) == []
    rows = await connection.fetch("select user_id from role_assignments where \"primary\" and status = 'active'")
    assert [row["user_id"] for row in rows] == [user_id("additional")]
    assert await mails(connection, "additional") == ["coordinator-notice"]
    assert await mails(connection, "superintendent") == ["coordinator-notice"]
    version = await connection.fetchval("select access_version from users where id = $1", user_id("additional"))
    assert version == await connection.fetchval("select version from access_state")


@pytest.mark.rule("S1-08", "accounts-5")
async def test_s1_08_also_when_the_account_is_deleted(as_person: AsCaller, connection: Connection) -> None:
    """Nobody but the state's staff stands above an account with a primary role; here a second program isn't held."""
    await connection.execute('update role_assignments set "primary" = false where user_id = $1', user_id("primary"))
    await connection.execute(
        'update role_assignments set "primary" = true where id = $1',
        assignment_id("additional", "lea-coordinator", LEA),
    )
    refusal = await refused(
        await as_person("primary"), "deleteUser", user=str(user_id("additional")),
        expectedVersion=await version_of(connection, "additional"),
    )  # fmt: skip
    assert refusal == ["NOT_ABOVE"]


@pytest.mark.rule("S1-06")
async def test_s1_06_the_superintendent_designates_exactly_one(as_person: AsCaller, connection: Connection) -> None:
    superintendent = await as_person("superintendent")
    wanted = str(assignment_id("additional", "lea-coordinator", LEA))
    assert await refused(await as_person("primary"), "designatePrimaryCoordinator", assignment=wanted) == [
        "NOT_ASSIGNABLE"
    ]
    done = await act(superintendent, "designatePrimaryCoordinator", assignment=wanted)
    assert done == {"assignment": {"id": wanted, "primary": True}, "userErrors": []}
    rows = await connection.fetch('select id from role_assignments where "primary" and program = $1', CAASPP)
    assert [str(row["id"]) for row in rows] == [wanted]
    assert await mails(connection, "primary") == ["coordinator-notice"]
    before = await connection.fetchval("select version from access_state")
    assert (await act(superintendent, "designatePrimaryCoordinator", assignment=wanted))["userErrors"] == []
    assert await connection.fetchval("select version from access_state") == before, "done already"


@pytest.mark.rule("accounts-3", "state")
async def test_the_help_desk_resets_and_resends_for_people_who_have_nobody_else(
    as_person: AsCaller, connection: Connection
) -> None:
    desk = await as_person(await help_desk(connection))
    assert await refused(desk, "resetPassword", user=str(user_id("superintendent"))) == []
    await person(connection, "lonely")
    await connection.execute("update users set status = 'invited' where id = $1", user_id("lonely"))
    assert await refused(desk, "resendInvitation", user=str(user_id("lonely"))) == []
    await help_desk(connection, "colleague-of-desk")
    assert await refused(desk, "resetPassword", user=str(user_id("colleague-of-desk"))) == ["NOT_ABOVE"]


@pytest.mark.rule("accounts-3")
@pytest.mark.checklist("55 writing")
async def test_a_person_changes_her_own_numbers_and_not_her_name(as_person: AsCaller, connection: Connection) -> None:
    own = await as_person("teacher")
    asked = {"user": str(user_id("teacher")), "expectedVersion": await version_of(connection, "teacher")}
    for name in ("firstName", "lastName"):
        assert await refused(own, "updateUser", **asked, **{name: "Somebody"}) == ["OWN_NAME"]
    assert await refused(own, "updateUser", **asked, phone="nonsense") != []
    made = await act(own, "updateUser", **asked, phone="916-555-0188", firstName="Teacher")
    assert (made["userErrors"], made["user"]["phone"]) == ([], "916-555-0188")
    assert await refused(own, "updateUser", **asked, phone="916-555-0189") == ["CHANGED"]
    event = (await events(connection))[-1]
    assert (event["action"], event["acting_under"]) == ("updateUser", None)
    assert "0188" not in str(event["after"])
    other = {"user": str(user_id("colleague")), "expectedVersion": await version_of(connection, "colleague")}
    answer = await own.ask(DOCUMENTS["updateUser"], input={**other, "phone": "916-555-0190"})
    assert [code for code, _ in codes(answer)] == ["NOT_FOUND"], "SELF opens nobody else's"


@pytest.mark.rule("accounts-3")
async def test_nobody_reads_the_comment_on_her_own_suspended_role(as_person: AsCaller, connection: Connection) -> None:
    """Not even whoever manages everybody there, and so the place where her own role lies."""
    held = await give(connection, "additional", "site-coordinator", PARK)
    await connection.execute("update role_assignments set status = 'suspended' where id = $1", held)
    await connection.execute(
        "insert into suspensions (id, user_id, assignment_id, comment, why, suspended_at) "
        "values (gen_random_uuid(), $1, $2, 'About her', 'operator', now())",
        user_id("additional"), held,
    )  # fmt: skip
    document = "query ($id: ID!) { node(id: $id) { ... on RoleAssignment { suspension { comment } } } }"
    own = await (await as_person("additional", "lea-coordinator")).data(document, id=str(held))
    assert own["node"] == {"suspension": {"comment": None}}
    shown = await (await as_person("primary")).data(document, id=str(held))
    assert shown["node"]["suspension"] == {"comment": "About her"}
