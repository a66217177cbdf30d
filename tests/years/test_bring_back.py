"""Bringing last year back by ticking names: what is listed, for whom, what is given, and what it can't be used for."""

import uuid
from typing import Any
from uuid import UUID

import pytest

from policy.ids import SchoolYear
from store.database import Connection
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, CAASPP, ELPAC, HILL, LEA, NEXT_YEAR, PARK, YEAR, Caller, codes, person, user_id
from tests.oidc.world import ident

LAST_YEAR = SchoolYear("2025-26")
LIST = """query ($where: ID!, $program: String!, $year: String!, $role: String, $first: Int, $after: String) {
    earlierAssignments(organization: $where, program: $program, schoolYear: $year, role: $role,
                       first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { id person firstName role { code } organization { name } schoolYear status leftOut
                refusal { code rule } } } }"""
BRING = """mutation ($input: BringBackLastYearInput!) { bringBackLastYear(input: $input) {
    assignments { role { code } organization { name } schoolYear assignedUnder } leftOut
    userErrors { path code rule } } }"""
HELD = (
    ("aida", "test-administrator", PARK, CAASPP, "expired", "inactive"),
    ("bela", "test-examiner", PARK, CAASPP, "expired", "inactive"),
    ("cleo", "site-coordinator", HILL, CAASPP, "expired", "active"),
    ("dora", "lea-coordinator", LEA, CAASPP, "expired", "inactive"),
    ("elpa", "test-examiner", PARK, ELPAC, "expired", "inactive"),
    ("fran", "test-administrator", PARK, CAASPP, "expired", "suspended"),
    ("gone", "test-administrator", PARK, CAASPP, "expired", "deleted"),
    ("teacher", "test-administrator", PARK, CAASPP, "expired", "active"),
    ("away", "test-administrator", BEACH, CAASPP, "expired", "inactive"),
)


@pytest.fixture(autouse=True)
async def _last_year(http: object, connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
    await connection.executemany(
        "insert into school_years (program, school_year, status) values ($1, $2, 'closed')",
        [(CAASPP, LAST_YEAR), (ELPAC, LAST_YEAR)],
    )
    for name, role, where, program, status, account in HELD:
        if name != "teacher":
            await person(connection, name)
        await connection.execute("update users set status = $2 where id = $1", user_id(name), account)
        await connection.execute(
            "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
            "status, origin) select $1, u.id, $3, $4, $5, o.id, o.lea_id, u.name_key, $7, 'operator' "
            "from users u, organizations o where u.id = $2 and o.id = $6",
            earlier(name), user_id(name), program, role, LAST_YEAR, where, status,
        )  # fmt: skip


def earlier(name: str) -> UUID:
    return ident(f"last year {name}")


async def listed(asking: Caller, where: object = PARK, program: str = CAASPP, **more: Any) -> dict[str, str | None]:
    """First name and why not, for each person of last year."""
    found = (await asking.data(LIST, where=str(where), program=program, year=LAST_YEAR, **more))["earlierAssignments"]
    return {one["firstName"]: one["refusal"] and one["refusal"]["code"] for one in found["nodes"]}


async def bring(asking: Caller, *ticked: dict[str, Any], into: str = YEAR, key: str = "") -> dict[str, Any]:
    asked = {"into": into, "people": list(ticked), "idempotencyKey": key or str(uuid.uuid4())}
    return (await asking.data(BRING, input=asked))["bringBackLastYear"]


def tick(name: str, **more: Any) -> dict[str, Any]:
    return {"assignment": str(earlier(name)), **more}


@pytest.mark.rule("years", "S0-44")
async def test_last_year_is_listed_with_what_could_come_back(as_person: AsCaller) -> None:
    park = {"Aida": None, "Bela": None, "Fran": "SUSPENDED", "Teacher": "ALREADY_HELD"}
    assert await listed(await as_person("site")) == park
    everywhere = await listed(await as_person("additional"), LEA)
    assert everywhere == {**park, "Cleo": None, "Dora": "NOT_ASSIGNABLE"}
    assert (await listed(await as_person("primary"), LEA))["Dora"] is None
    assert await listed(await as_person("superintendent"), LEA) == {"Dora": None}, "about_roles"
    assert await listed(await as_person("elpac-lead", program=ELPAC), PARK, ELPAC) == {"Elpa": None}


@pytest.mark.rule("years")
@pytest.mark.parametrize(
    ("name", "where", "program"),
    [
        ("site", HILL, CAASPP),
        ("site", LEA, CAASPP),
        ("site", PARK, ELPAC),
        ("primary", BEACH, CAASPP),
        ("far-lead", PARK, CAASPP),
        ("superintendent", PARK, CAASPP),
    ],
)
async def test_nobody_of_earlier_years_is_seen_out_of_reach(
    as_person: AsCaller, name: str, where: UUID, program: str
) -> None:
    asking = await as_person(name)
    answers = [
        await asking.ask(LIST, where=str(place), program=program, year=LAST_YEAR) for place in (where, uuid.uuid4())
    ]
    if name == "superintendent":
        assert answers[0]["data"]["earlierAssignments"]["nodes"] == []
        return
    assert codes(answers[0]) == codes(answers[1]) == [("NOT_FOUND", ["earlierAssignments"])]
    assert answers[0]["errors"][0]["message"] == answers[1]["errors"][0]["message"]


@pytest.mark.rule("years")
async def test_teachers_and_systems_see_nobody_of_earlier_years(as_person: AsCaller) -> None:
    answer = await (await as_person("teacher")).ask(LIST, where=str(PARK), program=CAASPP, year=LAST_YEAR)
    assert [code for code, _ in codes(answer)] == ["UNAUTHORIZED_FIELD_OR_TYPE"]


async def test_pages_and_one_role(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    after, names, page = None, list[str](), dict[str, Any]()
    for _ in range(6):
        found = await asking.data(LIST, where=str(LEA), program=CAASPP, year=LAST_YEAR, first=1, after=after)
        page = found["earlierAssignments"]
        assert page["totalCount"] == 6
        names += [one["firstName"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert names == ["Aida", "Bela", "Cleo", "Dora", "Fran", "Teacher"]
    assert not page["pageInfo"]["hasNextPage"]
    assert list(await listed(asking, LEA, role="test-examiner")) == ["Bela"]


@pytest.mark.rule("years", "S0-55")
async def test_the_same_role_another_role_and_not_this_year(as_person: AsCaller, connection: Connection) -> None:
    asking = await as_person("primary")
    versions = await connection.fetchval("select access_version from users where id = $1", user_id("aida"))
    brought = await bring(
        asking,
        tick("aida"),
        tick("bela", choice="NEW_ROLE", role="test-administrator"),
        tick("cleo", choice="NOT_THIS_YEAR"),
        tick("dora"),
    )
    assert brought["userErrors"] == []
    assert brought["leftOut"] == 1
    assert brought["assignments"] == [
        {
            "role": {"code": role},
            "organization": {"name": where},
            "schoolYear": YEAR,
            "assignedUnder": "lea-coordinator",
        }
        for role, where in (
            ("test-administrator", "Park Elementary"),
            ("test-administrator", "Park Elementary"),
            ("lea-coordinator", "Valley Unified"),
        )
    ]
    statuses = await connection.fetch("select first_name, status from users where first_name = any($1) order by 1", ["Aida", "Bela", "Cleo"])  # noqa: E501  # fmt: skip
    assert [tuple(one.values()) for one in statuses] == [("Aida", "invited"), ("Bela", "invited"), ("Cleo", "active")]
    assert await connection.fetchval("select access_version from users where id = $1", user_id("aida")) > versions
    assert await listed(asking, LEA) == {
        "Aida": "ALREADY_HELD", "Bela": "SECOND_ROLE", "Cleo": None, "Dora": "ALREADY_HELD", "Fran": "SUSPENDED",
        "Teacher": "ALREADY_HELD",
    }  # fmt: skip
    found = await asking.data(LIST, where=str(HILL), program=CAASPP, year=LAST_YEAR)
    assert [one["leftOut"] for one in found["earlierAssignments"]["nodes"]] == [True]
    events = await connection.fetch("select target_type, count(*) from audit_events where action = 'bringBackLastYear' group by 1 order by 1")  # noqa: E501  # fmt: skip
    assert [tuple(one.values()) for one in events] == [("role_assignment", 3), ("school_year", 1)]


@pytest.mark.rule("years", "S1-12")
async def test_into_the_upcoming_year_by_whom_it_is_given(as_person: AsCaller, connection: Connection) -> None:
    superintendent = await as_person("superintendent")
    assert (await bring(superintendent, tick("dora"), into=NEXT_YEAR))["userErrors"] == []
    refused = await (await as_person("primary")).ask(
        BRING, input={"into": NEXT_YEAR, "people": [tick("aida")], "idempotencyKey": "1"}
    )
    assert [code for code, _ in codes(refused)] == ["NOT_FOUND"], "this year's coordinator doesn't administer the next"
    assert await connection.fetchval("select count(*) from role_assignments where school_year = $1", NEXT_YEAR) == 1


@pytest.mark.rule("years")
async def test_one_refusal_and_nothing_is_brought_back(as_person: AsCaller, connection: Connection) -> None:
    before = await connection.fetch("select id, status from users order by 1")
    refused = await bring(await as_person("additional"), tick("aida"), tick("dora"), tick("fran"))
    assert [(one["path"][:3], one["code"]) for one in refused["userErrors"]] == [
        (["input", "people", "1"], "NOT_ASSIGNABLE"),
        (["input", "people", "2"], "SUSPENDED"),
    ]
    assert refused["assignments"] == []
    assert await connection.fetch("select id, status from users order by 1") == before
    assert await connection.fetchval("select count(*) from role_assignments where assigned_by is not null") == 0


@pytest.mark.rule("years", "accounts-5")
async def test_takeover_bringing_back_lifts_no_suspension(as_person: AsCaller, connection: Connection) -> None:
    """Neither that of the account, nor that of the role when its year ended."""
    await connection.execute("update role_assignments set was_suspended = true where id = $1", earlier("aida"))
    refused = await bring(await as_person("primary"), tick("aida"))
    assert [(one["code"], one["rule"]) for one in refused["userErrors"]] == [("WAS_SUSPENDED", "accounts-5")]
    refused = await bring(await as_person("primary"), tick("fran"))
    assert [one["code"] for one in refused["userErrors"]] == ["SUSPENDED"]
    assert await connection.fetchval("select status from users where id = $1", user_id("fran")) == "suspended"


@pytest.mark.rule("years")
@pytest.mark.parametrize("name", ["cleo", "dora", "away", "elpa", "gone"])
async def test_takeover_what_isnt_seen_isnt_brought_back(
    as_person: AsCaller, connection: Connection, name: str
) -> None:
    """Another school's, another LEA's, another program's people, superiors: as if they weren't there."""
    asked = {"into": YEAR, "people": [tick("aida"), tick(name)], "idempotencyKey": "1"}
    answer = await (await as_person("site")).ask(BRING, input=asked)
    nobody = {"into": YEAR, "people": [{"assignment": str(uuid.uuid4())}], "idempotencyKey": "2"}
    unknown = await (await as_person("site")).ask(BRING, input=nobody)
    assert codes(answer) == codes(unknown) == [("NOT_FOUND", ["bringBackLastYear"])]
    assert await connection.fetchval("select count(*) from role_assignments where assigned_by is not null") == 0


@pytest.mark.rule("years")
async def test_a_current_role_and_oneself_are_no_last_year(as_person: AsCaller, connection: Connection) -> None:
    current = await connection.fetchval(
        "select id from role_assignments where user_id = $1 and school_year = $2", user_id("colleague"), YEAR
    )
    refused = await bring(await as_person("primary"), {"assignment": str(current), "organization": str(HILL)})
    assert [one["code"] for one in refused["userErrors"]] == ["NOT_EARLIER"]
    await connection.execute("update role_assignments set user_id = $2 where id = $1", earlier("cleo"), user_id("site"))
    assert (await listed(await as_person("primary"), HILL))["Site"] is None
    refused = await bring(
        await as_person("site"), {**tick("teacher"), "choice": "NEW_ROLE", "role": "site-coordinator"}
    )
    assert [one["code"] for one in refused["userErrors"]] == ["NOT_ASSIGNABLE"]


async def test_sent_twice_it_is_done_once(as_person: AsCaller, connection: Connection) -> None:
    asking = await as_person("primary")
    first = await bring(asking, tick("aida"), key="once")
    again = await bring(asking, tick("aida"), key="once")
    assert (len(first["assignments"]), again["userErrors"]) == (1, [])
    assert await connection.fetchval("select count(*) from role_assignments where assigned_by is not null") == 1


@pytest.mark.rule("years", "accounts-3")
async def test_takeover_bringing_back_trusts_no_address_that_somebody_else_set(
    as_person: AsCaller, connection: Connection
) -> None:
    """While she holds no role here, another LEA may manage all of her, and so re-address her account."""

    async def changed(by: str, when: str) -> None:
        await connection.execute("update email_changes set user_id = $1", user_id("primary"))  # not hers any more
        await connection.execute(
            "insert into email_changes (id, user_id, old_lost, requested_by, requested_at, expires_at, applied_at) "
            f"values (gen_random_uuid(), $1, true, $2, {when}, {when}, {when})",
            user_id("aida"), user_id(by),
        )  # fmt: skip

    since = "(select assigned_at + interval '1 day' from role_assignments limit 1)"
    before = "(select assigned_at - interval '1 day' from role_assignments limit 1)"
    await connection.execute("update role_assignments set assigned_at = now() - interval '90 days'")
    await changed("superintendent", since)
    assert (await listed(await as_person("primary"), LEA))["Aida"] == "READDRESSED", "the list says so beforehand"
    refused = await bring(await as_person("primary"), tick("aida"))
    assert [(one["code"], one["rule"]) for one in refused["userErrors"]] == [("READDRESSED", "accounts-3")]
    await changed("superintendent", before)
    assert (await listed(await as_person("primary"), LEA))["Aida"] is None
    await changed("aida", since)
    assert (await bring(await as_person("primary"), tick("aida")))["userErrors"] == []
