"""Sets of a student information system: what becomes a suggestion, who sends and sees it, and that it gives nothing."""

from datetime import timedelta

import pytest
from starlette.applications import Starlette

from gateway.jobs.suggestions import forget_old
from gateway.outbox.daily import Day
from gateway.state import Gateway
from resolvers.suggestions import receiving
from store.database import Connection
from tests.graphql.changes import events, snapshot
from tests.graphql.conftest import AsCaller
from tests.graphql.test_query_count import counted
from tests.graphql.world import BEACH, HILL, LEA, PARK, Caller, codes, user_id
from tests.oidc.world import NOW, OTHER_LEA
from tests.suggestions.sets import (
    BEACH_CODE,
    CLASSES_PATH,
    LIST,
    ORGS,
    PATH,
    counts,
    listed,
    post,
    role,
    sent,
    tables,
    user,
    zipped,
)

pytestmark = pytest.mark.rule("files")


async def test_staff_become_suggestions_which_give_nothing(as_person: AsCaller, connection: Connection) -> None:
    primary = await as_person("primary")
    before = await snapshot(connection)
    answer = await sent(primary, role("ada"), role("bob", what="principal"), role("cyd", "hill"))
    assert counts(answer) == {"made": 3}
    assert await snapshot(connection) == before, "no account, no role, no mail, no new access version"
    found = await listed(primary)
    assert [(one["email"], one["role"], one["sourceRole"], one["refusal"]) for one in found] == [
        ("ada@valley.example", {"code": "test-administrator"}, "teacher", None),
        ("bob@valley.example", None, "principal", None),
        ("cyd@valley.example", {"code": "test-administrator"}, "teacher", None),
    ]
    assert found[0]["sentBy"] == {"id": str(user_id("primary"))}
    assert found[0]["user"] is None
    (event,) = await events(connection)
    assert (event["action"], event["target_type"], event["target_id"]) == (
        "sendSuggestions",
        "role_suggestions",
        str(LEA),
    )
    assert event["acting_under"] is None or event["acting_under"].startswith("caaspp/")
    assert "ada" not in str(event), "the audit holds counts, no names"


async def test_a_set_of_1_1_has_its_roles_in_users_csv(as_person: AsCaller) -> None:
    files = tables()
    del files["roles.csv"]
    files["manifest.csv"] = files["manifest.csv"].replace("1.2", "1.1").replace("roles,bulk", "roles,absent")
    files["users.csv"] = (
        "sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email\n"
        'ada,,true,"park,hill",teacher,Ada,Staff,ada@valley.example\n'
        "kid,,true,park,student,Kim,Kid,kid@valley.example\n"
    )
    primary = await as_person("primary")
    answer = await post(primary, zipped(files))
    assert counts(answer.json()) == {"made": 2}
    assert {one["email"] for one in await listed(primary)} == {"ada@valley.example"}


async def test_the_same_set_changes_nothing_and_a_newer_one_supersedes(
    as_person: AsCaller, connection: Connection
) -> None:
    primary = await as_person("primary")
    roles = (role("ada"), role("bob"), role("cyd", "hill"))
    await sent(primary, *roles)
    rows = await connection.fetch("select * from role_suggestions order by id")
    assert counts(await sent(primary, *roles)) == {"unchanged": 3}
    assert await connection.fetch("select * from role_suggestions order by id") == rows
    assert len(await events(connection)) == 1
    newer = await sent(primary, role("bob"), role("dee"), users=[user("bob", last="Renamed"), user("dee")])
    assert counts(newer) == {"made": 1, "changed": 1, "superseded": 2}
    assert {one["lastName"] for one in await listed(primary)} == {"Renamed", "Staff"}
    gone = await listed(primary, state="SUPERSEDED")
    assert [(one["email"], one["lastName"]) for one in gone] == [(None, None)] * 2, "nothing is known of them any more"
    assert counts(await sent(primary, *roles)) == {"reopened": 2, "changed": 1, "superseded": 1}
    assert len(await listed(primary)) == 3


async def test_who_holds_a_role_there_is_not_suggested_one(as_person: AsCaller) -> None:
    primary = await as_person("primary")
    assert counts(await sent(primary, role("teacher"), role("site"), role("teacher", "hill"))) == {"made": 1, "held": 2}
    (one,) = await listed(primary)
    assert (one["organization"], one["user"]) == ({"code": "19647331930001"}, {"id": str(user_id("teacher"))})


async def test_a_person_is_listed_once_at_an_organization(as_person: AsCaller) -> None:
    primary = await as_person("primary")
    roles = (role("ada"), role("ada", what="aide"), role("ada", what="proctor"), role("ada", what="teacher"))
    over = role("old", ends="2026-06-30")
    users = [user("ada"), user("ada", email="ADA@valley.example"), user("old")]
    assert counts(await sent(primary, *roles, over, users=users)) == {"made": 1}


async def test_what_is_out_of_reach_is_left_out_as_what_is_not_there(as_person: AsCaller) -> None:
    orgs = f"{ORGS}beach,,,Beach,school,{BEACH_CODE},d1\nnone,,,None,school,19999999999999,d1\n"
    primary = await as_person("primary")
    answer = await sent(primary, role("ada", "beach"), role("ada", "none"), role("ada"), orgs=orgs)
    assert counts(answer) == {"made": 1}
    told = [
        (one["code"], one["message"].replace("01611196000000", "X").replace("19999999999999", "X"))
        for one in answer["leftOut"]
    ]
    assert len(told) == 2
    assert told[0] == told[1]
    site = await as_person("site")
    assert counts(await sent(site, role("eve"), role("eve", "hill"), role("eve", "d1"))) == {"made": 1, "superseded": 1}


async def test_a_site_s_set_leaves_the_suggestions_of_other_schools(as_person: AsCaller) -> None:
    primary = await as_person("primary")
    await sent(primary, role("ada"), role("cyd", "hill"))
    await sent(await as_person("site"), role("eve"))
    assert [one["email"] for one in await listed(primary)] == ["cyd@valley.example", "eve@valley.example"]


async def test_suggestions_are_seen_within_reach_only(as_person: AsCaller) -> None:
    await sent(await as_person("primary"), role("ada"), role("cyd", "hill"))
    site, far = await as_person("site"), await as_person("far-lead")
    assert [one["email"] for one in await listed(site, PARK)] == ["ada@valley.example"]
    for asking, where in ((site, HILL), (far, PARK), (far, LEA), (site, BEACH)):
        answer = await asking.ask(LIST, organization=str(where), program="caaspp", state="OPEN")
        assert codes(answer) == [("NOT_FOUND", ["roleSuggestions"])], answer
    assert await listed(far, OTHER_LEA) == []
    elpac = await as_person("elpac-lead")
    answer = await elpac.ask(LIST, organization=str(LEA), program="caaspp", state="OPEN")
    assert codes(answer) == [("NOT_FOUND", ["roleSuggestions"])], "another program's"
    for name in ("teacher", "educator"):
        answer = await (await as_person(name)).ask(LIST, organization=str(PARK), program="caaspp", state="OPEN")
        assert answer["data"]["roleSuggestions"] is None
        assert codes(answer), answer


async def test_pages_hold_all(as_person: AsCaller) -> None:
    primary = await as_person("primary")
    await sent(primary, *(role(f"p{number:03}") for number in range(120)))
    seen: list[str] = []
    after: str | None = None
    while True:
        found = await primary.data(LIST, organization=str(LEA), program="caaspp", state="OPEN", first=50, after=after)
        page = found["roleSuggestions"]
        seen += [one["email"] for one in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert (len(seen), len(set(seen)), page["totalCount"]) == (120, 120, 120)


async def test_statements_don_t_grow_with_the_set_or_the_page(app: Starlette, as_person: AsCaller) -> None:
    primary = await as_person("primary")
    found: list[tuple[int, int]] = []
    await sent(primary, role("first"))  # what is computed once
    await listed(primary)
    for size in (5, 90):
        with counted(app) as sending:
            await sent(primary, *(role(f"p{number}{size}") for number in range(size)))
        with counted(app) as showing:
            assert len(await listed(primary, first=100)) == size
        found.append((_own(sending), _own(showing)))
    assert found[0] == found[1]


def _own(statements: list[str]) -> int:
    """Without those by which the driver learns of types."""
    return sum("pg_catalog" not in one and "'jit'" not in one for one in statements)


async def test_who_may_not_send_a_set(
    as_person: AsCaller, signed_out: Caller, as_system: Caller, as_token_bearer: AsCaller, connection: Connection
) -> None:
    data = zipped(tables(role("ada")))
    for asking, status in (
        (await as_person("teacher"), 403),
        (await as_person("educator"), 403),
        (as_system, 403),
        (await as_token_bearer("primary"), 403),
        (signed_out, 401),
    ):
        for path in (PATH, CLASSES_PATH):
            assert (await post(asking, data, path)).status_code == status, path
    assert await connection.fetchval("select count(*) from role_suggestions") == 0
    assert {one["action"] for one in await events(connection, "denied")} == {"sendSuggestions", "importStudentGroups"}


async def test_other_sites_and_other_years_send_nothing(as_person: AsCaller) -> None:
    primary = await as_person("primary")
    data = zipped(tables(role("ada")))
    evil = Caller(primary.http, {**primary.headers, "Origin": "https://evil.example"})
    for path in (PATH, CLASSES_PATH):
        assert (await post(evil, data, path)).status_code == 403
        assert (await post(primary, data, path, "text/plain")).status_code == 415
        form = await primary.http.post(path, files={"file": ("s.zip", data)}, headers=primary.headers)
        assert form.status_code == 403, "a form needs its token"
        for fields in ({"program": "none"}, {"schoolYear": "2019-20"}, {"program": ""}):
            assert (await post(primary, data, path, **fields)).status_code == 400, fields


async def test_too_large_a_set_is_refused(as_person: AsCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    primary = await as_person("primary")
    data = zipped(tables(role("ada")))
    announced = Caller(primary.http, {**primary.headers, "Content-Length": str(101 * 2**20)})
    assert (await post(announced, data)).status_code == 413
    monkeypatch.setattr(receiving, "MOST_BYTES", len(data) - 1)
    assert (await post(primary, data)).status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr("resolvers.suggestions.reading.MOST", 1)
    answer = await post(primary, zipped(tables(role("ada"), role("bob"))))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too-many-rows")


async def test_what_no_set_contains_is_forgotten_after_90_days(
    as_person: AsCaller, connection: Connection, gateway: Gateway
) -> None:
    primary = await as_person("primary")
    await sent(primary, role("ada"), role("bob"))
    await connection.execute("update role_suggestions set seen_on = seen_on - 80 where email like 'ada%'")
    today = NOW.date()
    for days, left in ((10, 2), (11, 1), (90, 1), (91, 0)):
        async with connection.transaction():
            assert await forget_old(Day(gateway, today + timedelta(days=days), None), connection) is None
        assert await connection.fetchval("select count(*) from role_suggestions") == left, days
