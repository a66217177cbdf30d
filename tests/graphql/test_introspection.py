"""Introspection shows what the caller may see, to whom the setting says, and never more."""

from typing import Any

import httpx2
import pytest
from graphql import build_client_schema, build_schema, get_introspection_query

from gateway.graphql.visible_schema import MOST_VIEWS, Views
from gateway.graphql_settings import OFF, ON
from gateway.state import Gateway
from policy.caller import Anonymous, SystemCaller
from schema.build import build_schema as build
from store.shipped_packs import vocabulary
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.settings import asked_under
from tests.graphql.world import Caller, codes

FULL = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
NAMES = "{ __schema { types { name fields { name } inputFields { name } } mutationType { fields { name } } } }"


async def shown(caller: Caller) -> dict[str, set[str]]:
    """The fields of each type that introspection shows, introspection's own left out."""
    data = await caller.data(NAMES)
    return {
        one["name"]: {field["name"] for field in [*(one["fields"] or ()), *(one["inputFields"] or ())]}
        for one in data["__schema"]["types"]
        if not one["name"].startswith("__")
    }


OWN = {
    "requestEmailChange", "signSecurityForm", "updateUser", "switchActiveRole", "revokeConsent",
    "revokeSession", "signOutEverywhere", "unlinkIdentity", "forgetDevice",
    "beginPasskey", "addPasskey", "renamePasskey", "removePasskey",
    "enrollTotp", "removeTotp", "regenerateRecoveryCodes",
}  # fmt: skip
"""What everybody may change: of herself."""


async def test_a_person_sees_what_her_roles_could_show_her(as_person: AsCaller) -> None:
    coordinator, teacher = await shown(await as_person("primary")), await shown(await as_person("teacher"))
    assert {"createUser", "assignRole", "removeRoles"} <= coordinator["Mutation"]
    assert teacher["Mutation"] == OWN, "of her own"
    assert "CreateUserInput" in coordinator
    assert "CreateUserInput" not in teacher
    assert {"users", "assignableRoles"} <= coordinator["Query"]
    assert not {"users", "assignableRoles"} & teacher["Query"], "lists of people are for those who see others"
    assert "email" in teacher["User"], "her own"
    assert teacher["Query"] < coordinator["Query"]


async def test_a_person_s_token_shows_no_mutation(as_token_bearer: AsTokenBearer) -> None:
    found = await shown(await as_token_bearer("primary"))
    assert "users" in found["Query"]
    assert "Mutation" not in found


async def test_a_system_sees_no_field_that_it_is_never_told(as_system: Caller) -> None:
    found = await shown(as_system)
    assert {"id", "firstName", "lastName", "assignments"} <= found["User"]
    assert not {"email", "phone", "fax", "status", "credentials"} & found["User"]
    assert "Credential" not in found
    assert "email" not in found["UserFilter"]
    assert found["UserRef"] == {"id"}


@pytest.mark.parametrize("hidden", ["Credential", "Mutation", "CreateUserInput", "NoSuchType", "UserError"])
async def test_a_hidden_type_is_answered_as_one_that_there_is_not(as_system: Caller, hidden: str) -> None:
    assert await as_system.data("query ($n: String!) { __type(name: $n) { name } }", n=hidden) == {"__type": None}


async def test_every_view_is_a_schema_of_its_own(
    as_person: AsCaller, as_token_bearer: AsTokenBearer, as_system: Caller
) -> None:
    callers = [as_system, await as_token_bearer("primary")]
    callers += [await as_person(name) for name in ("primary", "superintendent", "site", "teacher", "unsigned")]
    for caller in callers:
        schema = build_client_schema(await caller.data(FULL))
        assert schema.query_type is not None


async def test_an_interface_names_the_types_that_are_shown(as_system: Caller, as_person: AsCaller) -> None:
    asked = '{ __type(name: "Node") { possibleTypes { name fields { name } } } }'
    found = (await as_system.data(asked))["__type"]["possibleTypes"]
    fields = {one["name"]: {field["name"] for field in one["fields"]} for one in found}
    assert "email" not in fields["User"]
    assert "StudentGroup" not in fields
    person = (await (await as_person("primary")).data(asked))["__type"]["possibleTypes"]
    assert "StudentGroup" in {one["name"] for one in person}


async def test_introspection_stands_beside_other_fields(as_person: AsCaller) -> None:
    data = await (await as_person("primary")).data(
        '{ viewer { user { firstName } } __schema { queryType { name } } t: __type(name: "User") { kind } __typename }'
    )
    assert data == {
        "viewer": {"user": {"firstName": "Primary"}},
        "__schema": {"queryType": {"name": "Query"}},
        "t": {"kind": "OBJECT"},
        "__typename": "Query",
    }


@pytest.mark.checklist("58 guessed names")
async def test_who_is_unknown_is_not_shown_the_schema(signed_out: Caller) -> None:
    answer = await signed_out.ask("{ __schema { types { name } } }")
    assert (answer["data"], codes(answer)) == (None, [("UNAUTHENTICATED", ["__schema"])])
    assert await signed_out.data('{ __type(name: "User") { name } __typename }') == {
        "__type": None,
        "__typename": "Query",
    }


async def test_on_shows_the_unknown_what_they_may_see(http: httpx2.AsyncClient, gateway: Gateway) -> None:
    async with asked_under(gateway, graphql_introspection=ON) as opened:
        found = await shown(Caller(opened, {}))
    assert found["Query"] == {"viewer"}
    assert "User" not in found


async def test_off_shows_nobody_anything(as_person: AsCaller, gateway: Gateway) -> None:
    asking = await as_person("primary")
    async with asked_under(gateway, graphql_introspection=OFF) as opened:
        caller = Caller(opened, asking.headers)
        assert codes(await caller.ask("{ __schema { types { name } } }")) == [("FORBIDDEN", ["__schema"])]
        assert await caller.data('{ __type(name: "User") { name } v: __typename }') == {"__type": None, "v": "Query"}
        assert (await opened.get("/graphql/schema", headers=asking.headers)).status_code == 404


async def test_the_schema_s_text_follows_the_same_rules(
    http: httpx2.AsyncClient, as_person: AsCaller, as_system: Caller
) -> None:
    assert (await http.get("/graphql/schema")).status_code == 401
    person = (await http.get("/graphql/schema", headers=(await as_person("primary")).headers)).text
    system = (await http.get("/graphql/schema", headers=as_system.headers)).text
    assert "createUser" in person
    for text in ("createUser", "Mutation", "Credential", "  email", "hallpass:users:manage"):
        assert text not in system, text
    assert "  firstName: String" in system
    for text in (person, system):
        assert "User" in build_schema(text).type_map


async def test_the_text_shows_the_fields_that_introspection_shows(http: httpx2.AsyncClient, as_system: Caller) -> None:
    text = build_schema((await http.get("/graphql/schema", headers=as_system.headers)).text)
    for name, fields in (await shown(as_system)).items():
        if fields:
            described: Any = text.type_map[name]
            assert set(described.fields) == fields, name


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
        "{ __schema { types { ...t } } } fragment t on __Type { fields { type { fields { type { fields { name } } } } } }",  # noqa: E501
        "{ __schema { types { possibleTypes { interfaces { possibleTypes { interfaces { name } } } } } } }",
    ],
)
@pytest.mark.checklist("58 depth")
async def test_circular_introspection_is_refused(as_person: AsCaller, document: str) -> None:
    assert (await (await as_person("primary")).post(document)).status_code == 400


def test_callers_who_see_the_same_share_a_view_and_few_are_kept() -> None:
    views = Views(build(vocabulary()))
    system = SystemCaller("reporting", frozenset())
    assert views.of(system) is views.of(SystemCaller("another", frozenset()))
    assert views.of(system) is not views.of(Anonymous())
    assert len(views._kept) == 2 <= MOST_VIEWS  # pyright: ignore[reportPrivateUsage]
