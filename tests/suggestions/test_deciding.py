"""Suggestions accepted and dismissed: judged, audited and mailed as createUser does it, all of them or none."""

import asyncio
from typing import Any

import pytest

from store.database import Connection
from tests.graphql.changes import create, events, remove, snapshot
from tests.graphql.changes import role as role_asked
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, LEA, PARK, Caller, assignment_id, codes, user_id
from tests.suggestions.sets import counts, listed, role, sent, user

pytestmark = pytest.mark.rule("files")
ACCEPT = """mutation ($input: AcceptSuggestionsInput!) { acceptSuggestions(input: $input) {
    accepted { suggestion unapplied user { id email status }
               assignment { role { code } organization { id } assignedUnder } }
    userErrors { path code rule message remedy } } }"""
SCHOOL = """mutation ($input: AcceptSuggestionsOfSchoolInput!) { acceptSuggestionsOfSchool(input: $input) {
    accepted { user { email } } left { suggestion refusal { code message } } userErrors { code } } }"""
DISMISS = """mutation ($input: DismissSuggestionsInput!) { dismissSuggestions(input: $input) {
    dismissed userErrors { path code message remedy } } }"""


async def accept(asking: Caller, *ids: str, **more: Any) -> dict[str, Any]:
    return (await asking.data(ACCEPT, input={"ids": list(ids), **more}))["acceptSuggestions"]


async def ids_by_name(asking: Caller, where: Any = LEA) -> dict[str, str]:
    return {one["email"].partition("@")[0]: one["id"] for one in await listed(asking, where)}


async def test_accepting_does_what_create_user_does(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    await sent(site, role("ada"))
    by_name = await ids_by_name(site, PARK)
    before = await snapshot(connection)
    done = await accept(site, by_name["ada"])
    assert done["userErrors"] == []
    (one,) = done["accepted"]
    assert (one["user"]["email"], one["user"]["status"], one["unapplied"]) == ("ada@valley.example", "INVITED", [])
    assert one["assignment"] == {
        "role": {"code": "test-administrator"}, "organization": {"id": str(PARK)}, "assignedUnder": "site-coordinator",
    }  # fmt: skip
    after = await snapshot(connection)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    assert after[4] > before[4], "the access version was raised"
    mail = await connection.fetchrow("select template, notices from messages")
    assert mail is not None
    assert [one["template"] for one in mail["notices"]] == ["role-assigned", "invitation"], "one mail for both"
    told = [(one["action"], one["target_type"], one["acting_under"]) for one in (await events(connection))[1:]]
    assert told[:2] == [
        ("acceptSuggestions", "user", "caaspp/site-coordinator"),
        ("acceptSuggestions", "role_assignment", "caaspp/site-coordinator"),
    ]
    assert told[2][:2] == ("acceptSuggestions", "role_suggestion")
    row = await connection.fetchrow("select * from role_suggestions")
    assert row is not None
    assert (row["state"], row["email"], row["last_name"], str(row["user_id"])) == (
        "accepted", None, None, one["user"]["id"],
    )  # fmt: skip
    again = await accept(site, by_name["ada"])
    assert [(one["code"], one["path"]) for one in again["userErrors"]] == [
        ("ALREADY_DECIDED", ["input", "ids", "0", "state"])
    ]


async def test_the_role_goes_to_the_account_that_has_the_address(as_person: AsCaller, connection: Connection) -> None:
    primary = await as_person("primary")
    await sent(primary, role("teacher", "hill"), users=[user("teacher", first="Other")])
    done = await accept(primary, (await ids_by_name(primary))["teacher"])
    (one,) = done["accepted"]
    assert one["user"]["id"] == str(user_id("teacher"))
    assert set(one["unapplied"]) >= {"firstName", "lastName"}
    assert await connection.fetchval("select first_name from users where id = $1", user_id("teacher")) == "Teacher"


async def test_one_refusal_and_none_is_accepted(as_person: AsCaller, connection: Connection) -> None:
    primary = await as_person("primary")
    await sent(primary, role("ada"), role("bob", what="principal"), role("eve"), role("hal", "hill"))
    by_name = await ids_by_name(primary)
    await create(primary, email="eve@valley.example", roles=[role_asked("test-examiner")])
    await connection.execute("update organizations set active = false where id = $1", HILL)
    before = await snapshot(connection)
    done = await accept(primary, *(by_name[name] for name in ("ada", "bob", "eve", "hal")))
    assert done["accepted"] == []
    found = [(one["path"][:3], one["code"]) for one in done["userErrors"]]
    assert found[0] == (["input", "ids", "1"], "NO_ROLE_SUGGESTED")
    assert found[1][0] == ["input", "ids", "2"], "she holds another role there (S0-12)"
    assert found[2] == (["input", "ids", "3"], "CLOSED")
    assert all(one["message"] and one["remedy"] for one in done["userErrors"])
    assert await snapshot(connection) == before
    refusals = {one["email"].partition("@")[0]: one["refusal"] for one in await listed(primary)}
    assert (refusals["ada"], refusals["bob"]) == (None, None)
    assert refusals["eve"]["message"], "the list says so beforehand"
    assert refusals["hal"]["code"] == "CLOSED"
    assert (await events(connection, "denied"))[-1]["action"] == "acceptSuggestions"


async def test_who_is_suspended_is_refused_and_the_list_says_so(as_person: AsCaller, connection: Connection) -> None:
    primary = await as_person("primary")
    await sent(primary, role("teacher", "hill"))
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("teacher"))
    (one,) = await listed(primary)
    done = await accept(primary, one["id"])
    assert done["accepted"] == []
    assert done["userErrors"][0]["code"] == one["refusal"]["code"]
    assert "suspended" in one["refusal"]["message"]


async def test_another_role_can_be_given_instead_and_only_one_s_own_to_give(as_person: AsCaller) -> None:
    primary, site = await as_person("primary"), await as_person("site")
    await sent(primary, role("bob", what="principal"), role("ada"))
    by_name = await ids_by_name(primary)
    refused = await accept(site, by_name["bob"], role="site-coordinator")
    assert refused["accepted"] == []
    assert refused["userErrors"], "a site coordinator makes no other one"
    wrong = await accept(primary, by_name["bob"], role="superintendent")
    assert wrong["userErrors"]
    (one,) = (await accept(primary, by_name["bob"], role="site-coordinator"))["accepted"]
    assert one["assignment"]["role"] == {"code": "site-coordinator"}


async def test_suggestions_out_of_reach_are_as_if_they_weren_t_there(
    as_person: AsCaller, connection: Connection
) -> None:
    primary, far = await as_person("primary"), await as_person("far-lead")
    await sent(primary, role("ada"), role("cyd", "hill"))
    by_name = await ids_by_name(primary)
    site = await as_person("site")
    for document, field in ((ACCEPT, "acceptSuggestions"), (DISMISS, "dismissSuggestions")):
        unknown = await far.ask(document, input={"ids": [str(PARK)]})
        for asking, ids in ((far, [by_name["ada"]]), (site, [by_name["ada"], by_name["cyd"]])):
            answer = await asking.ask(document, input={"ids": ids})
            assert codes(answer) == [("NOT_FOUND", [field])]
            assert answer["errors"][0]["message"] == unknown["errors"][0]["message"]
        assert codes(await (await as_person("teacher")).ask(document, input={"ids": [by_name["ada"]]})) == [
            ("FORBIDDEN", [field])
        ]
    answer = await far.ask(SCHOOL, input={"organization": str(PARK), "program": "caaspp"})
    assert codes(answer) == [("NOT_FOUND", ["acceptSuggestionsOfSchool"])]
    superintendent = await (await as_person("superintendent")).ask(ACCEPT, input={"ids": [by_name["ada"]]})
    assert codes(superintendent) == [("NOT_FOUND", ["acceptSuggestions"])], "she designates, and manages no users"
    assert await connection.fetchval("select count(*) from role_suggestions where state = 'open'") == 2


async def test_a_school_is_accepted_as_a_whole_and_says_what_is_left(
    as_person: AsCaller, connection: Connection
) -> None:
    site = await as_person("site")
    await sent(site, role("ada"), role("bob", what="principal"), role("eve"), role("gil"))
    await create(await as_person("primary"), email="eve@valley.example", roles=[role_asked("test-examiner")])
    found = await site.data(SCHOOL, input={"organization": str(PARK), "program": "caaspp"})
    done = found["acceptSuggestionsOfSchool"]
    assert done["userErrors"] == []
    assert [one["user"]["email"] for one in done["accepted"]] == ["ada@valley.example", "gil@valley.example"]
    assert len(done["left"]) == 1
    assert done["left"][0]["refusal"]["message"]
    assert sorted(await ids_by_name(site, PARK)) == ["bob", "eve"], "what suggests no role isn't touched"
    answer = await (await as_person("primary")).ask(SCHOOL, input={"organization": str(LEA), "program": "caaspp"})
    assert codes(answer) == [("BAD_USER_INPUT", ["acceptSuggestionsOfSchool"])]


async def test_what_was_dismissed_stays_so_and_is_known_by_a_hash_only(
    as_person: AsCaller, connection: Connection
) -> None:
    site = await as_person("site")
    await sent(site, role("ada"), role("bob"))
    by_name = await ids_by_name(site, PARK)
    done = (await site.data(DISMISS, input={"ids": [by_name["ada"]]}))["dismissSuggestions"]
    assert (done["dismissed"], done["userErrors"]) == ([by_name["ada"]], [])
    row = await connection.fetch("select * from role_suggestions where state = 'dismissed'")
    assert "ada" not in str(row).lower()
    assert counts(await sent(site, role("ada"), role("bob"))) == {"unchanged": 2}
    assert list(await ids_by_name(site, PARK)) == ["bob"]
    again = (await site.data(DISMISS, input={"ids": [by_name["bob"], by_name["ada"]]}))["dismissSuggestions"]
    assert (again["dismissed"], again["userErrors"][0]["code"]) == ([], "ALREADY_DECIDED")
    assert list(await ids_by_name(site, PARK)) == ["bob"], "all or none"


async def test_a_role_taken_later_is_not_suggested_again(as_person: AsCaller, connection: Connection) -> None:
    primary = await as_person("primary")
    await sent(primary, role("teacher", "hill"))
    await accept(primary, (await ids_by_name(primary))["teacher"])
    given = await connection.fetchval("select assignment_id from role_suggestions")
    await remove(primary, given)
    assert counts(await sent(primary, role("teacher", "hill"))) == {"unchanged": 1}
    assert assignment_id("teacher", "test-administrator", PARK) != given


async def test_two_who_accept_the_same_at_once_make_one(as_person: AsCaller, connection: Connection) -> None:
    site, primary = await as_person("site"), await as_person("primary")
    await sent(site, role("ada"), role("bob"))
    ids = sorted((await ids_by_name(site, PARK)).values())
    done = await asyncio.gather(accept(site, *ids), accept(primary, *reversed(ids)))
    assert sorted(len(one["accepted"]) for one in done) == [0, 2]
    assert await connection.fetchval("select count(*) from users where email in ('ada@valley.example')") == 1


async def test_ids_are_one_to_a_hundred_and_each_once(as_person: AsCaller) -> None:
    site = await as_person("site")
    for ids in ([], [str(PARK)] * 101, [str(PARK)] * 2):
        assert codes(await site.ask(ACCEPT, input={"ids": ids})) == [("BAD_USER_INPUT", ["acceptSuggestions"])]
    assert codes(await site.ask(ACCEPT, input={"ids": ["x"]})) == [("NOT_FOUND", ["acceptSuggestions"])]
