"""Connections: sizes, cursors, counts, filters and orders."""

import base64
import json
from typing import Any

import pytest

from store.database import Pool
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK, Caller, codes, give, person, user_id

USERS = """query ($first: Int, $after: String, $filter: UserFilter) {
    users(first: $first, after: $after, filter: $filter) {
        totalCount totalCountAtLeast
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { firstName } }
    }
}"""


async def names(asking: Caller, **filter_: Any) -> list[str]:
    listed = (await asking.data(USERS, first=100, filter=filter_))["users"]
    return [edge["node"]["firstName"] for edge in listed["edges"]]


async def test_pages_put_together_are_the_whole_list(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    whole = await names(asking)
    after, walked = None, list[str]()
    while True:
        page = (await asking.data(USERS, first=3, after=after))["users"]
        walked += [edge["node"]["firstName"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert walked == whole
    assert len(set(whole)) == len(whole) == 10


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
@pytest.mark.checklist("58 page size")
async def test_a_page_has_one_to_a_hundred_rows(as_person: AsCaller, first: int) -> None:
    answer = await (await as_person("primary")).ask(USERS, first=first)
    assert codes(answer) == [("BAD_USER_INPUT", ["users"])]
    assert str(first) in answer["errors"][0]["message"]


async def test_the_count_is_taken_only_when_it_is_selected(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    listed = (await asking.data(USERS, first=1))["users"]
    assert (listed["totalCount"], listed["totalCountAtLeast"]) == (10, 10)
    assert (await asking.data("{ users(first: 1) { nodes { id } } }"))["users"].keys() == {"nodes"}


def _forged(*parts: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor", ["", "x", "\u00e9", "=" * 40, _forged("users", "a", "b"), "A" * 10_000, _forged("organizations", "", "")]
)
async def test_forged_cursors_are_refused_with_a_sentence(as_person: AsCaller, cursor: str) -> None:
    answer = await (await as_person("primary")).ask(USERS, after=cursor)
    assert codes(answer) == [("BAD_USER_INPUT", ["users"])]
    assert "cursor" in answer["errors"][0]["message"]


async def test_a_cursor_of_another_list_is_refused(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    listed = await asking.data("{ organizations(first: 1) { pageInfo { endCursor } } }")
    answer = await asking.ask(USERS, after=listed["organizations"]["pageInfo"]["endCursor"])
    assert codes(answer) == [("BAD_USER_INPUT", ["users"])]


async def test_a_cursor_gives_nobody_more_than_she_sees(as_person: AsCaller) -> None:
    """A cursor names a position; the reach is applied anew."""
    whole = await (await as_person("primary")).data(USERS, first=1)
    after = whole["users"]["pageInfo"]["endCursor"]
    seen = await (await as_person("superintendent")).data(USERS, first=100, after=after)
    assert [edge["node"]["firstName"] for edge in seen["users"]["edges"]] == ["Primary"]


async def test_filters_narrow_and_combine(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    assert await names(asking, name="EXAMPLE téa") == ["Teacher"]
    assert await names(asking, email="Site@") == ["Site"]
    assert await names(asking, role="test-administrator", program="caaspp") == [
        "Colleague", "Shared", "Teacher", "Unsigned",
    ]  # fmt: skip
    assert await names(asking, organization={"id": str(LEA)}, role="lea-coordinator") == ["Additional", "Primary"]
    assert await names(asking, status="SUSPENDED") == []
    assert await names(asking, program="elpac") == []
    assert await names(asking, role="test-administrator", email="primary") == []


async def test_organizations_are_filtered(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    document = "query ($f: OrganizationFilter) { organizations(filter: $f) { nodes { name } } }"

    async def found(**filter_: Any) -> list[str]:
        return [row["name"] for row in (await asking.data(document, f=filter_))["organizations"]["nodes"]]

    assert await found(level="LEA") == ["Valley Unified"]
    assert await found(name="park") == ["Park Elementary"]
    assert await found(code="19647331930001") == ["Hill Elementary"]
    assert await found(parent=str(LEA)) == ["Hill Elementary", "Park Elementary"]
    assert await found(active=False) == []


async def test_a_person_with_many_roles_is_paged_below_each_user(as_person: AsCaller, pool: Pool) -> None:
    async with pool.acquire() as connection:
        await person(connection, "busy")
        for role in ("educator-roster", "ia-administrator"):
            await give(connection, "busy", role, PARK)
    asking = await as_person("primary")
    document = """query ($id: ID!, $after: String) { user(by: {id: $id}) { assignments(first: 1, after: $after) {
        totalCount pageInfo { endCursor hasNextPage } nodes { role { code } } } } }"""
    first = (await asking.data(document, id=str(user_id("busy"))))["user"]["assignments"]
    after = first["pageInfo"]["endCursor"]
    second = (await asking.data(document, id=str(user_id("busy")), after=after))["user"]["assignments"]
    roles = [page["nodes"][0]["role"]["code"] for page in (first, second)]
    assert (first["totalCount"], roles) == (2, ["educator-roster", "ia-administrator"])
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_answers_that_multiply_are_refused(as_person: AsCaller) -> None:
    """Lists within lists can't grow without end, also where they are answered from memory."""
    asking = await as_person("primary")
    depth = 12
    document = "{ programs { roles " + "{ assignableBy " * depth + "{ code }" + " }" * depth + " } }"
    response = await asking.post(document)
    assert response.status_code == 400
    assert codes(response.json()) == [("BAD_USER_INPUT", [])]
    assert "may cost" in response.json()["errors"][0]["message"]
