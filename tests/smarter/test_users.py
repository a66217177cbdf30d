"""`/rest/user`, `/rest/district` and `/rest/institution`: how the scoring system lists scorers of an entity."""

from typing import Any

import pytest
from starlette.applications import Starlette

from policy.facts import Level
from policy.ids import OrganizationId
from store.database import Connection
from tests.graphql.test_query_count import counted
from tests.oidc.world import (
    ELPAC,
    HILL,
    LEA,
    OTHER_LEA,
    PARK,
    bearer,
    give,
    http_of,
    ident,
    organization,
    person,
    sign,
)
from tests.smarter.components import (
    HAND_SCORING,
    LIBRARY,
    RDW,
    RDW_MODERN,
    changed,
    person_token,
    rest,
    system_token,
)

pytestmark = pytest.mark.usefixtures("components")
PARK_CODE, LEA_CODE = "19647331930000", "19647330000000"
ASKED = {"currentPage": "0", "pageSize": "10000", "ClientID": "CA", "state": "California"}


async def search(app: Starlette, client: Any = HAND_SCORING, **parameters: str) -> dict[str, Any]:
    """As THSS asks: without a scope, with every parameter, the state by its name."""
    answer = await rest(app, "user", await system_token(app, client), **{**ASKED, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(page: dict[str, Any]) -> list[str]:
    return [one["firstName"] for one in page["searchResults"]]


async def test_the_scorers_of_a_school(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "ana", ("test-administrator", PARK))
    await connection.execute("update users set phone = '916-555-0100'")
    await person(connection, "bob", ("site-coordinator", PARK))
    await person(connection, "cat", ("test-administrator", HILL))
    page = await search(app, role="Scorer", associatedEntityId=PARK_CODE, level="INSTITUTION")
    assert page == {
        "searchResults": [
            {
                "id": str(user),
                "username": str(user),
                "firstName": "Ana",
                "lastName": "Example",
                "roleAssociations": [
                    {
                        "role": "Scorer",
                        "level": "INSTITUTION",
                        "associatedEntityId": PARK_CODE,
                        "associatedEntityMongoId": str(PARK),
                        "stateAbbreviation": "CA",
                    }
                ],
            }
        ],
        "currentPage": 0,
        "pageSize": 10000,
        "returnCount": 1,
        "totalCount": 1,
        "sortKey": "lastName",
        "sortDirection": "asc",
        "nextPageUrl": None,
        "prevPageUrl": None,
    }
    managers = await search(app, role="Site Score Manager", associatedEntityId=PARK_CODE, level="INSTITUTION")
    assert names(managers) == ["Bob"]
    assert names(await search(app, associatedEntityId=PARK_CODE)) == ["Ana", "Bob"]


async def test_names_and_ids_only(app: Starlette, connection: Connection) -> None:
    """Decisions, section 2: of scorers THSS sees no address; its user name tells people apart for it."""
    await person(connection, "ana", ("test-administrator", PARK))
    await person(connection, "abe", ("test-administrator", PARK))
    answer = await rest(app, "user", await system_token(app, HAND_SCORING), **ASKED, associatedEntityId=PARK_CODE)
    assert "@" not in answer.text
    assert len({one["username"] for one in answer.json()["searchResults"]}) == 2


async def test_only_people_with_a_role_that_counts_in_the_system(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("test-administrator", PARK), forms=False)
    await person(connection, "bob", ("test-examiner", PARK))  # no credential
    await person(connection, "cat", ("educator-roster", PARK))  # nothing in THSS
    await person(connection, "dan", ("test-administrator", PARK), status="suspended")
    await person(connection, "eve", ("ia-administrator", PARK))
    assert names(await search(app, associatedEntityId=PARK_CODE)) == ["Eve"]
    assert names(await search(app, RDW, associatedEntityId=PARK_CODE)) == ["Cat"]
    assert names(await search(app, LIBRARY, associatedEntityId=PARK_CODE)) == ["Eve"]


async def test_only_roles_of_ones_own_system_are_told(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("test-administrator", PARK))
    for client, role in ((HAND_SCORING, "Scorer"), (RDW, "PII_GROUP"), (LIBRARY, "DL_EndUser")):
        (one,) = (await search(app, client, associatedEntityId=PARK_CODE))["searchResults"]
        assert [each["role"] for each in one["roleAssociations"]] == [role]
    assert names(await search(app, RDW, role="Scorer", associatedEntityId=PARK_CODE)) == []


@pytest.mark.rule("S1-09")
async def test_s1_09_the_fallback_is_listed_as_score_manager(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "sue", ("superintendent", LEA))
    await connection.execute("update role_assignments set origin = 'directory' where user_id = $1", user)
    await changed(connection)
    asked = {"role": "LEA Score Manager", "associatedEntityId": LEA_CODE, "level": "DISTRICT"}
    assert names(await search(app, **asked)) == ["Sue"]
    await person(connection, "cora", ("lea-coordinator", LEA))
    await changed(connection)
    assert names(await search(app, **asked)) == ["Cora"]


async def test_two_programs_are_one_person(app: Starlette, connection: Connection) -> None:
    user = await person(connection, "ana", ("test-administrator", PARK))
    await give(connection, user, "ls-data-entry", PARK, ELPAC)
    await sign(connection, user, ELPAC)
    (one,) = (await search(app, role="Scorer", associatedEntityId=PARK_CODE))["searchResults"]
    assert len(one["roleAssociations"]) == 1


async def test_pages_are_whole(app: Starlette, connection: Connection) -> None:
    for number in range(7):
        await person(connection, f"p{number}", ("test-administrator", PARK))
    found: list[str] = []
    page = await search(app, associatedEntityId=PARK_CODE, pageSize="3")
    http, token = http_of(app), await system_token(app, HAND_SCORING)
    while True:
        found += names(page)
        assert page["totalCount"] == 7
        if page["nextPageUrl"] is None:
            break
        page = (await http.get(page["nextPageUrl"], headers=bearer(token))).json()
    assert found == [f"P{number}" for number in range(7)]
    assert (page["currentPage"], page["returnCount"]) == (2, 1)
    assert (await http.get(page["prevPageUrl"], headers=bearer(token))).json()["currentPage"] == 1


async def test_the_same_statements_however_many_people(app: Starlette, connection: Connection) -> None:
    for number in range(2):
        await person(connection, f"p{number}", ("test-administrator", PARK))
    few = await _statements(app)
    for number in range(2, 60):
        await person(connection, f"p{number}", ("test-administrator", PARK))
    many = await _statements(app)
    assert len(few) == len(many) > 2
    assert sum("from users u" in one for one in many) == 2  # the page, and everybody's facts


async def _statements(app: Starlette) -> list[str]:
    """The statements of one search, caches warm."""
    token = await system_token(app, HAND_SCORING)
    asked = {**ASKED, "associatedEntityId": PARK_CODE}
    assert (await rest(app, "user", token, **asked)).status_code == 200
    with counted(app) as sent:
        assert (await rest(app, "user", token, **asked)).status_code == 200
    return sent


ENTITIES: list[tuple[dict[str, str], list[str]]] = [
    ({"level": "DISTRICT"}, []),
    ({"level": "INSTITUTION"}, ["Ana"]),
    ({"level": "institution"}, ["Ana"]),
    ({"level": "GROUPOFINSTITUTIONS"}, []),
    ({"state": "CA"}, ["Ana"]),
    ({"state": "CALIFORNIA"}, ["Ana"]),
    ({"state": "Nevada"}, []),
    ({"ClientID": "other"}, []),
    ({"ClientID": ""}, ["Ana"]),
    ({"role": ""}, ["Ana"]),
    ({"role": "Principal"}, []),
    ({"associatedEntityId": "0"}, []),
]


@pytest.mark.parametrize(("parameters", "expected"), ENTITIES)
async def test_what_narrows(
    app: Starlette, connection: Connection, parameters: dict[str, str], expected: list[str]
) -> None:
    await person(connection, "ana", ("test-administrator", PARK))
    assert names(await search(app, **{"associatedEntityId": PARK_CODE, **parameters})) == expected


REFUSED: list[dict[str, str]] = [
    {},
    {"associatedEntityId": PARK_CODE, "level": "GALAXY"},
    {"associatedEntityId": PARK_CODE, "pageSize": "0"},
    {"associatedEntityId": PARK_CODE, "pageSize": "10001"},
    {"associatedEntityId": PARK_CODE, "pageSize": "-1"},
    {"associatedEntityId": PARK_CODE, "currentPage": "x"},
    {"associatedEntityId": PARK_CODE, "currentPage": "99999999999999999999"},
    {"associatedEntityId": PARK_CODE, "email": "ana@example.org"},
]


@pytest.mark.parametrize("parameters", REFUSED)
async def test_what_is_refused(app: Starlette, parameters: dict[str, str]) -> None:
    """A filter that isn't known is never passed over in silence."""
    answer = await rest(app, "user", await system_token(app, HAND_SCORING), **parameters)
    assert (answer.status_code, answer.json()["status"]) == (400, "FAILURE")


@pytest.mark.checklist(54)
async def test_who_may_ask(app: Starlette, connection: Connection) -> None:
    await person(connection, "ana", ("test-administrator", PARK))
    for path, parameters in (
        ("user", {"associatedEntityId": PARK_CODE}),
        ("institution", {"districtId": LEA_CODE}),
        ("district", {"stateId": "CA"}),
    ):
        for token, status in (
            (None, 401),
            (await person_token(app, "ana", HAND_SCORING), 401),
            (await system_token(app, RDW_MODERN, "sbac.permissions"), 403),
            (await system_token(app, RDW_MODERN, "directory.read"), 200),
        ):
            assert (await rest(app, path, token, **parameters)).status_code == status


async def test_the_schools_of_a_district(app: Starlette, connection: Connection) -> None:
    """Where a score manager of an LEA may look for scorers; places where nobody scores aren't listed."""
    await person(connection, "ana", ("test-administrator", PARK))
    other = OrganizationId(ident("bay school"))
    await organization(connection, other, Level.SCHOOL, OTHER_LEA, OTHER_LEA, "01611190000001", "Bay School")
    await person(connection, "bob", ("educator-roster", HILL))
    await person(connection, "cat", ("test-administrator", other))
    token = await system_token(app, HAND_SCORING)
    answer = await rest(app, "institution", token, districtId=LEA_CODE)
    assert answer.json() == [
        {
            "id": str(PARK),
            "entityId": PARK_CODE,
            "entityName": "Park Elementary",
            "entityType": "INSTITUTION",
            "tenantType": "INSTITUTION",
            "formatType": "INSTITUTION",
            "parentEntityId": LEA_CODE,
            "parentEntityType": "DISTRICT",
            "stateAbbreviation": "CA",
        }
    ]
    found = (await rest(app, "district", token, stateId="CA")).json()
    assert [one["entityName"] for one in found] == ["Bay Unified", "Valley Unified"]
    assert (await rest(app, "district", token, stateId="NV")).json() == []
    assert (await rest(app, "institution", token)).status_code == 400
