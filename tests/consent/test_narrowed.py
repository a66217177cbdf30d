"""A tab that is narrowed to one organization: what it lists, decides, explains and sends stays there (S1-20)."""

from typing import Any

import pytest

from tests.consent.conftest import CAASPP_ROLE
from tests.oidc.world import HILL, ISSUER, LEA, PARK, Browser

pytestmark = pytest.mark.rule("S1-20")
EXPLAIN = """query ($o: ID!) { explain(check: {
    permission: "toms:windows:view", organization: {id: $o}, program: "caaspp"}) {
    decision { allowed } roles { outcome stops { gate why } } } }"""


async def ask(at: Browser, document: str, context: str, **variables: str) -> Any:
    headers = {"Origin": ISSUER, "Hallpass-Context": context}
    answer = await at.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_people_and_grants_are_those_of_the_one_organization(at: Browser) -> None:
    document = "{ viewer { activeAt { name } narrowedTo { name } grants { organization { name } } } }"
    whole = (await ask(at, document, CAASPP_ROLE))["viewer"]
    assert {one["organization"]["name"] for one in whole["grants"]} == {"Park Elementary", "Hill Elementary"}
    assert whole["narrowedTo"] is None
    one = (await ask(at, document, f"{CAASPP_ROLE}@{HILL}"))["viewer"]
    assert {grant["organization"]["name"] for grant in one["grants"]} == {"Hill Elementary"}
    assert one["narrowedTo"] == {"name": "Hill Elementary"}
    assert [place["name"] for place in one["activeAt"]] == ["Hill Elementary", "Park Elementary"]


async def test_decisions_and_explanations_agree(at: Browser) -> None:
    for context, allowed in ((CAASPP_ROLE, True), (f"{CAASPP_ROLE}@{PARK}", True), (f"{CAASPP_ROLE}@{HILL}", False)):
        found = (await ask(at, EXPLAIN, context, o=str(PARK)))["explain"]
        assert found["decision"]["allowed"] is allowed, context
    gates = {stop["gate"] for one in found["roles"] for stop in one["stops"]}
    assert "ACTIVE_PLACE" in gates


async def test_it_is_one_of_those_where_the_role_is_held(at: Browser) -> None:
    for place in (LEA, "00000000-0000-4000-8000-000000000000"):
        headers = {"Origin": ISSUER, "Hallpass-Context": f"{CAASPP_ROLE}@{place}"}
        answer = await at.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=headers)
        assert answer.status_code == 403


async def test_a_file_is_sent_by_the_whole_role(at: Browser) -> None:
    headers = {"Origin": ISSUER, "Hallpass-Context": f"{CAASPP_ROLE}@{HILL}", "Content-Type": "text/csv"}
    query = {"format": "toms", "program": "caaspp", "name": "people.csv"}
    answer = await at.http.post("/uploads", params=query, content=b"a,b\n", headers=headers)
    assert answer.status_code == 400
    assert "narrowed to one organization" in answer.text
