"""Both executors answer alike: written documents for each caller."""

import pytest
from starlette.applications import Starlette

from tests.graphql.both import ask_both
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import Caller

DOCUMENTS = (
    "{ viewer { id user { id firstName email } accessVersion } }",
    "{ users { nodes { id firstName lastName email status } } }",
    """{ users(first: 3) { totalCount totalCountAtLeast pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id email phone assignments { totalCount edges { cursor node {
            id role { code label level levels program { code } } program { code label } schoolYear status primary
            lastDay assignedAt assignedUnder assignedBy { id email }
            organization { id code name level active parent { id name parent { name level } } } } } } } } } }""",
    (
        "{ organizations { totalCount nodes { id name children(first: 1) { totalCount nodes { name } "
        "pageInfo { hasNextPage endCursor } } users { totalCount nodes { id lastName email } } "
        "studentGroups { nodes { id name subjectArea studentCount schoolYear organization { name } } } } } }"
    ),
    '{ users(filter: {name: "t"}) { nodes { lastName } } }',
    '{ users(filter: {program: "caaspp", role: "site-coordinator"}) { totalCount nodes { lastName } } }',
    "{ users(filter: {status: ACTIVE}) { nodes { lastName status } } }",
    '{ users(filter: {email: "t"}) { nodes { lastName } } }',
    '{ organizations(filter: {level: SCHOOL, name: "p"}) { nodes { name __typename } __typename } }',
    "{ organizations(filter: {active: false}) { totalCount nodes { name } } }",
    (
        "{ a: users(first: 1) { nodes { ...U } } b: users(first: 2) { edges { node { ...U } } } } "
        "fragment U on User { id ... on Node { id } x: email @skip(if: false) email @include(if: true) }"
    ),
    "{ users(first: 0) { nodes { id } } }",
    '{ users(after: "nonsense") { nodes { id } } }',
    "{ users { nodes { assignments(first: 101) { nodes { id } } } } }",
    '{ programs { code roles { code } } program(code: "caaspp") { schoolYears { code isCurrent } } }',
    "{ __typename viewer { __typename roles { role { code } } grants { permission reach } withheld { role } } }",
)


@pytest.fixture
async def callers(
    as_person: AsCaller, as_token_bearer: AsTokenBearer, as_system: Caller, signed_out: Caller
) -> dict[str, Caller]:
    names = ("primary", "superintendent", "site", "teacher", "educator", "additional", "unsigned")
    found = {name: await as_person(name) for name in names}
    return {**found, "token": await as_token_bearer("primary"), "system": as_system, "nobody": signed_out}


async def test_both_executors_answer_alike(app: Starlette, callers: dict[str, Caller]) -> None:
    mapped = 0
    for document in DOCUMENTS:
        for name, caller in callers.items():
            both = await ask_both(app, caller.headers, document)
            if both.compiled is not None:
                mapped += 1
                assert both.compiled == both.executed, (name, document)
    assert mapped > len(DOCUMENTS) * len(callers) * 0.75
