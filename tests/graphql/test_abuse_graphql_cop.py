"""What the auditor graphql-cop looks for, asked by a person who is signed in: none of it is found.

One thing that it calls a weakness is wanted: GET asks queries (GraphQL over HTTP, section 5.1) and changes nothing.
"""

from typing import Any

import httpx2
import pytest

from gateway.state import Gateway
from tests.graphql.conftest import AsCaller
from tests.graphql.settings import asked_under
from tests.graphql.world import Caller

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def asking(as_person: AsCaller) -> Caller:
    return await as_person("primary")


async def refused(asking: Caller, document: str) -> list[dict[str, Any]]:
    response = await asking.post(document)
    assert response.status_code == 400, response.text
    assert "data" not in response.json()
    return response.json()["errors"]


async def test_introspection_is_not_for_the_unknown(signed_out: Caller) -> None:
    answer = await signed_out.ask("query { __schema { types { name fields { name } } } }")
    assert answer["data"] is None


@pytest.mark.checklist("58 guessed names")
async def test_no_field_is_suggested(asking: Caller) -> None:
    for document in ("{ __schema { directive } }", "{ viewr { user { id } } }", "{ users(frist: 1) { totalCount } }"):
        (error,) = (await refused(asking, document))[:1]
        assert "Did you mean" not in error["message"]


async def test_no_development_page_answers(http: httpx2.AsyncClient) -> None:
    for path in ("/graphiql", "/playground", "/graphql"):
        response = await http.get(path, headers={"Accept": "text/html"})
        assert response.status_code in {404, 406}
        for name in ("graphiql", "playground"):
            assert name not in response.text.lower(), path


async def test_get_changes_nothing(asking: Caller) -> None:
    response = await asking.http.get("/graphql", params={"query": "mutation { __typename }"}, headers=asking.headers)
    assert response.status_code == 405


@pytest.mark.checklist("58 forms of other sites")
async def test_a_form_asks_nothing(asking: Caller) -> None:
    for method in ("POST", "PUT", "PATCH"):
        response = await asking.http.request(
            method, "/graphql", content="query=query+%7B__typename%7D", headers={**asking.headers, **FORM}
        )
        assert response.status_code in {405, 415}
        assert "data" not in response.json()


async def test_aliases_do_not_multiply(asking: Caller) -> None:
    await refused(asking, "{ " + " ".join(f"alias{n}: __typename" for n in range(101)) + " }")


async def test_arrays_do_not_multiply(asking: Caller) -> None:
    batch = [{"query": "{ __typename }"}] * 10
    assert (await asking.http.post("/graphql", json=batch, headers=asking.headers)).status_code == 400


async def test_fields_do_not_repeat(asking: Caller) -> None:
    await refused(asking, "query { " + "__typename \n" * 500 + "}")


async def test_directives_do_not_pile_up(asking: Caller) -> None:
    errors = await refused(asking, "query { __typename " + "@aa" * 10 + " }")
    assert len(errors) == 1


async def test_introspection_does_not_circle(asking: Caller) -> None:
    inner = "{ name }"
    for _ in range(5):
        inner = "{ type { fields " + inner + " } }"
    await refused(asking, "query { __schema { types { fields " + inner + " } } }")


async def test_fragments_do_not_circle(asking: Caller) -> None:
    await refused(
        asking,
        "query { __schema { ...A } } fragment A on __Schema { __typename ...B } fragment B on __Schema { ...A }",
    )


@pytest.mark.parametrize("document", ["query { __typename }", "qwerty cop { abc }"])
async def test_no_answer_tells_of_the_inside(asking: Caller, document: str) -> None:
    text = (await asking.post(document)).text.lower()
    for word in ("tracing", "exception", "stacktrace", "traceback", "graphql-core", "strawberry", "/site-packages/"):
        assert word not in text


@pytest.mark.checklist("44 in one request")
async def test_many_guesses_in_one_request_are_few(as_person: AsCaller, gateway: Gateway) -> None:
    """Aliases and batches try no more ids or addresses than as many requests would, and each is paid for."""
    asking = await as_person("teacher")
    guesses = " ".join(f'g{n}: user(by: {{email: "p{n}@valley.example"}}) {{ id }}' for n in range(31))
    await refused(asking, "{ " + guesses + " }")
    limits = {"graphql_max_cost": 1000, "graphql_cost_capacity": 1000, "graphql_cost_restore": 1}
    one = {"query": "{ " + " ".join(f'g{n}: user(by: {{id: "{n}"}}) {{ id }}' for n in range(30)) + " }"}
    async with asked_under(gateway, graphql_max_batch=100, **limits) as http:
        response = await http.post("/graphql", json=[one] * 100, headers=asking.headers)
    assert response.status_code == 200
    assert all(set(answer["data"].values()) == {None} for answer in response.json() if "data" in answer)
