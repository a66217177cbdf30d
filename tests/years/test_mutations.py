"""openSchoolYear, rehearseYearClose and closeSchoolYear as people send them: who may, and what they prove first."""

import pytest

from gateway.jobs.closings import finish_what_is_begun
from gateway.state import Gateway
from store.database import Connection
from tests.graphql.conftest import AsCaller
from tests.graphql.world import CAASPP, NEXT_YEAR, PARK, YEAR, codes, give, person, user_id
from tests.oidc.world import Clock
from tests.years.conftest import AsAdministrator

OPEN = """mutation ($input: SchoolYearInput!) { openSchoolYear(input: $input) {
    status userErrors { code remedy } } }"""
REHEARSE = """mutation ($input: SchoolYearInput!) { rehearseYearClose(input: $input) {
    rehearsal { assignments suspended people withoutNext inactive carried ahead otherPrograms timeless }
    nextYear confirmation userErrors { code } } }"""
CLOSE = """mutation ($input: CloseSchoolYearInput!) { closeSchoolYear(input: $input) {
    closing { program schoolYear nextYear phase assignments finishedAt } userErrors { path code remedy } } }"""
PROGRESS = """query ($program: String!, $year: String!) { yearClosing(program: $program, schoolYear: $year) {
    phase assignments expired inactivated } }"""
SIGN = """insert into signed_forms (user_id, program, form, school_year, form_version, signed_name)
    select $1, program, form, $2, form_version, signed_name from signed_forms where user_id = $1 and school_year = $3"""
YEAR_INPUT = {"program": CAASPP, "schoolYear": YEAR}
CLOSING = {**YEAR_INPUT, "confirm": f"close caaspp {YEAR}"}


@pytest.mark.rule("years", "state")
@pytest.mark.parametrize("name", ["primary", "superintendent", "teacher"])
@pytest.mark.parametrize(
    ("document", "asked"),
    [(OPEN, {"program": CAASPP, "schoolYear": "2028-29"}), (REHEARSE, YEAR_INPUT), (CLOSE, CLOSING)],
)
async def test_years_are_the_state_administrators(
    as_person: AsCaller, name: str, document: str, asked: dict[str, str]
) -> None:
    answer = await (await as_person(name)).ask(document, input=asked)
    assert [code for code, _ in codes(answer)] == ["FORBIDDEN"]


@pytest.mark.rule("years")
async def test_a_year_is_closed_with_a_recent_sign_in_and_the_typed_words(
    as_administrator: AsAdministrator, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    admin = await as_administrator()
    rehearsed = (await admin.data(REHEARSE, input=YEAR_INPUT))["rehearseYearClose"]
    assert (rehearsed["nextYear"], rehearsed["confirmation"], rehearsed["userErrors"]) == (
        NEXT_YEAR,
        f"close caaspp {YEAR}",
        [],
    )
    clock.forward(minutes=11)
    refused = (await admin.data(CLOSE, input=CLOSING))["closeSchoolYear"]
    assert [one["code"] for one in refused["userErrors"]] == ["STEP_UP"]
    clock.forward(minutes=-11)
    refused = (await admin.data(CLOSE, input={**CLOSING, "confirm": "yes"}))["closeSchoolYear"]
    assert [one["code"] for one in refused["userErrors"]] == ["NOT_CONFIRMED"]
    assert await connection.fetchval("select count(*) from year_closings") == 0
    closed = (await admin.data(CLOSE, input=CLOSING))["closeSchoolYear"]
    assert closed["userErrors"] == []
    assert (closed["closing"]["phase"], closed["closing"]["nextYear"]) == ("ASSIGNMENTS", NEXT_YEAR)
    assert closed["closing"]["assignments"] == rehearsed["rehearsal"]["assignments"]
    await finish_what_is_begun(gateway)
    done = (await admin.data(PROGRESS, program=CAASPP, year=YEAR))["yearClosing"]
    assert done == {
        "phase": "DONE", "assignments": closed["closing"]["assignments"], "expired": closed["closing"]["assignments"],
        "inactivated": rehearsed["rehearsal"]["inactive"],
    }  # fmt: skip
    events = await connection.fetch(
        "select outcome, reason, acting_under from audit_events where action = 'closeSchoolYear' order by id"
    )
    assert [tuple(one.values()) for one in events] == [
        ("denied", "STEP_UP", "state/state-administrator"),
        ("denied", "NOT_CONFIRMED", "state/state-administrator"),
        ("allowed", None, "state/state-administrator"),
    ]


@pytest.mark.rule("years")
async def test_the_next_request_after_the_switch_is_answered_by_the_new_year(
    as_administrator: AsAdministrator, as_person: AsCaller, connection: Connection
) -> None:
    """Before any bookkeeping: last year's coordinator sees nobody, the one of the new year administers it."""
    people = "{ users(first: 50) { nodes { lastName } } }"
    await person(connection, "next")
    await give(connection, "next", "site-coordinator", PARK, CAASPP, NEXT_YEAR)
    await connection.execute(SIGN, user_id("next"), NEXT_YEAR, YEAR)
    await person(connection, "assistant")
    await give(connection, "assistant", "test-administrator", PARK, CAASPP, NEXT_YEAR)
    old, new, admin = await as_person("site"), await as_person("next"), await as_administrator()
    assert len((await old.data(people))["users"]["nodes"]) > 2
    assert (await admin.data(CLOSE, input=CLOSING))["closeSchoolYear"]["userErrors"] == []
    assert codes(await old.ask(people)), "no role of hers lists people any more"
    assert len((await new.data(people))["users"]["nodes"]) == 2
    assert await connection.fetchval("select count(*) from role_assignments where status = 'expired'") == 0


@pytest.mark.rule("years", "S1-12")
async def test_an_upcoming_assignment_administers_that_year_and_nothing_else(
    as_person: AsCaller, connection: Connection
) -> None:
    await person(connection, "next")
    await give(connection, "next", "site-coordinator", PARK, CAASPP, NEXT_YEAR)
    await connection.execute(SIGN, user_id("next"), NEXT_YEAR, YEAR)
    asking = await as_person("next")
    viewer = "{ viewer { grants { permission schoolYear } } }"
    grants = (await asking.data(viewer))["viewer"]["grants"]
    assert grants
    assert {one["schoolYear"] for one in grants} == {NEXT_YEAR}
    assert {one["permission"].partition(":")[0] for one in grants} == {"hallpass"}
    document = """query ($where: ID!, $year: String!) {
        assignableRoles(organization: $where, program: "caaspp", schoolYear: $year) { code } }"""
    assert (await asking.data(document, where=str(PARK), year=NEXT_YEAR))["assignableRoles"]
    assert (await asking.data(document, where=str(PARK), year=YEAR))["assignableRoles"] == []


@pytest.mark.rule("years")
async def test_grants_of_a_year_cover_results_of_earlier_years_at_the_same_organizations(as_person: AsCaller) -> None:
    document = """query ($where: ID!, $permission: Permission!, $year: String!) { decide(check: {
        permission: $permission, organization: {id: $where}, program: "caaspp", schoolYear: $year,
        assessment: "summative"}) { allowed } }"""

    async def may(permission: str, year: str) -> bool:
        found = await (await as_person("site")).data(document, where=str(PARK), permission=permission, year=year)
        return found["decide"]["allowed"]

    assert await may("cers:results:view", YEAR)
    assert await may("cers:results:view", "2021-22")
    assert not await may("cers:results:view", NEXT_YEAR)
    assert not await may("hallpass:users:view", "2021-22")


async def test_opening_is_told_to_everybody(as_administrator: AsAdministrator, connection: Connection) -> None:
    admin = await as_administrator()
    refused = (await admin.data(OPEN, input={"program": CAASPP, "schoolYear": "2028-29"}))["openSchoolYear"]
    assert [one["code"] for one in refused["userErrors"]] == ["YEAR_OPEN_ALREADY"]
    await connection.execute("delete from school_years where school_year = $1 and program = 'elpac'", NEXT_YEAR)
    epoch = await connection.fetchval("select epoch from access_state")
    opened = (await admin.data(OPEN, input={"program": "elpac", "schoolYear": NEXT_YEAR}))["openSchoolYear"]
    assert opened == {"status": "UPCOMING", "userErrors": []}
    assert await connection.fetchval("select epoch from access_state") > epoch
