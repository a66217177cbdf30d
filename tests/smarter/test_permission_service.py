"""The permission service: envelope and messages as SmarterApp's, contents from packs and mapping."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.state import Gateway
from store.database import Connection
from tests.oidc.world import LEA, http_of, person
from tests.smarter.components import (
    HAND_SCORING,
    RDW,
    RDW_MODERN,
    changed,
    person_token,
    rest,
    system_token,
)

pytestmark = pytest.mark.usefixtures("components")
THSS = "Teacher Hand Scoring System"
NAMES = [
    "PII", "PII_GROUP", "GROUP_ADMIN", "CUSTOM_AGGREGATE_REPORTER", "Instructional Resource Admin",
    "Scorer", "Site Score Manager", "LEA Score Manager", "DL_EndUser",
]  # fmt: skip


async def value(app: Starlette, path: str, **parameters: str) -> Any:
    answer = await rest(app, path, await system_token(app, RDW_MODERN, "sbac.permissions"), **parameters)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["message"]) == ("SUCCESS", None)
    return body["value"]


async def test_a_components_roles_as_thss_asks_for_them(app: Starlette) -> None:
    assert await value(app, "role", component=THSS) == [
        {
            "role": "Scorer",
            "allowableEntities": [{"entity": "INSTITUTION", "description": "Institution"}],
            "mappings": [{"component": THSS, "permissions": [{"name": "Can See Own Items"}]}],
        },
        {
            "role": "Site Score Manager",
            "allowableEntities": [{"entity": "INSTITUTION", "description": "Institution"}],
            "mappings": [
                {"component": THSS, "permissions": [{"name": "Can See All Items"}, {"name": "Can See Own Items"}]}
            ],
        },
        {
            "role": "LEA Score Manager",
            "allowableEntities": [{"entity": "DISTRICT", "description": "District"}],
            "mappings": [
                {"component": THSS, "permissions": [{"name": "Can See All Items"}, {"name": "Can See Own Items"}]}
            ],
        },
    ]
    found = await value(app, "role", component=THSS, permission="Can See All Items")
    assert [one["role"] for one in found] == ["Site Score Manager", "LEA Score Manager"]
    assert await value(app, "role", component=THSS, permission="Can Fly") == []


async def test_roles_all_and_one(app: Starlette) -> None:
    assert [one["role"] for one in await value(app, "role")] == NAMES
    (pii,) = await value(app, "role", role="PII")
    assert [one["entity"] for one in pii["allowableEntities"]] == ["DISTRICT", "INSTITUTION"]
    assert [one["name"] for one in pii["mappings"][0]["permissions"]] == [
        "CUSTOM_AGGREGATE_READ", "GROUP_PII_READ", "GROUP_READ", "INDIVIDUAL_PII_READ",
    ]  # fmt: skip


async def test_components_and_permissions(app: Starlette) -> None:
    assert [one["component"] for one in await value(app, "component")] == ["Reporting", THSS, "Digital Library"]
    assert await value(app, "component", role="DL_EndUser") == [
        {"component": "Digital Library", "permissions": [{"name": "Open Resources"}]}
    ]
    assert [one["component"] for one in await value(app, "component", component=THSS)] == [THSS]
    assert {"name": "GROUP_WRITE"} in await value(app, "permission")
    assert await value(app, "permission", component="Digital Library") == [{"name": "Open Resources"}]
    assert await value(app, "permission", role="Scorer", component=THSS) == [{"name": "Can See Own Items"}]


async def test_the_mapping_has_each_role_as_a_boolean(app: Starlette) -> None:
    table = await value(app, "mapping")
    rows = table["mappings"]
    assert sorted(NAMES) == table["roles"]
    assert [(one["Component"], one["Permission"]) for one in rows] == sorted(
        (one["Component"], one["Permission"]) for one in rows
    )
    assert all(isinstance(row[name], bool) for row in rows for name in NAMES)
    (own,) = [one for one in rows if one["Permission"] == "Can See Own Items"]
    assert [name for name in NAMES if own[name]] == ["Scorer", "Site Score Manager", "LEA Score Manager"]


async def test_levels_in_the_services_own_spelling(app: Starlette) -> None:
    assert [one["entity"] for one in await value(app, "entity")] == [
        "CLIENT", "GROUPOFSTATES", "STATE", "GROUPOFDISTRICTS", "DISTRICT", "GROUPOFINSTITUTIONS", "INSTITUTION",
    ]  # fmt: skip


UNKNOWN = [
    ("role", {"role": "Invalid Role"}, "Role:'Invalid Role' is not found."),
    ("role", {"component": "X"}, "Role by component:'X' is not found."),
    ("component", {"component": "X"}, "Component:'X' is not found."),
    ("component", {"role": "X"}, "Component by role:'X' is not found."),
    ("permission", {"component": "X"}, "No permission by component name:X."),
    ("permission", {"component": THSS, "role": "X"}, f"No permission by rolename:X and component name:{THSS}."),
]


@pytest.mark.parametrize(("path", "parameters", "message"), UNKNOWN)
async def test_what_is_not_found(app: Starlette, path: str, parameters: dict[str, str], message: str) -> None:
    token = await system_token(app, RDW_MODERN, "sbac.permissions")
    answer = await rest(app, path, token, **parameters)
    assert (answer.status_code, answer.json()) == (404, {"value": None, "message": message, "status": "FAILURE"})


async def test_parameters_that_are_none(app: Starlette) -> None:
    token = await system_token(app, RDW_MODERN, "sbac.permissions")
    for parameters in ({"colour": "red"}, {"role": "x" * 201}, {"role": "a\x00b"}):
        answer = await rest(app, "role", token, **parameters)
        assert (answer.status_code, answer.json()["status"]) == (400, "FAILURE")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["role", "component", "permission", "mapping", "entity", "user", "district"])
async def test_nothing_is_ever_written(app: Starlette, path: str, method: str) -> None:
    answer = await http_of(app).request(method, f"/rest/{path}", params={"role": "New"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["status"] == "FAILURE"


async def test_who_may_ask(app: Starlette, connection: Connection) -> None:
    """A system with its own token and the scope; of a legacy one the scopes count that it is registered for."""
    await person(connection, "ana", ("educator-district", LEA))

    async def status(token: str | None) -> int:
        answer = await rest(app, "role", token)
        assert answer.status_code == 200 or answer.json()["status"] == "FAILURE"
        return answer.status_code

    assert await status(None) == 401
    assert await status("x") == 401
    assert await status(await person_token(app, "ana", RDW)) == 401
    assert await status(await system_token(app, RDW_MODERN)) == 401
    assert await status(await system_token(app, RDW_MODERN, "directory.read")) == 403
    assert await status(await system_token(app, RDW_MODERN, "sbac.permissions")) == 200
    assert await status(await system_token(app, RDW)) == 200
    assert await status(await system_token(app, RDW, resource="https://thss.example/")) == 401
    await connection.execute("update relying_parties set scopes = '{openid}' where client_id = 'rdw'")
    assert await status(await system_token(app, RDW)) == 403
    token = await system_token(app, HAND_SCORING)
    assert await status(token) == 200
    await connection.execute("update relying_parties set active = false where client_id = 'hand-scoring'")
    assert await status(token) == 401


async def test_components_that_send_no_token_where_a_deployment_lets_them(gateway: Gateway) -> None:
    """The scoring system's own source fetches its roles without credentials; what it gets is about nobody."""
    opened = replace(gateway, settings=replace(gateway.settings, smarter_open_permissions=True))
    app = create_app(opened.settings, opened)
    assert (await rest(app, "role", None, component=THSS)).status_code == 200
    assert (await rest(app, "mapping", None)).status_code == 200
    assert (await rest(app, "role", "x")).status_code == 401
    assert (await rest(app, "user", None, associatedEntityId="1")).status_code == 401


async def test_a_role_that_no_cell_gives_any_more_is_not_listed(app: Starlette, connection: Connection) -> None:
    await connection.execute("update school_years set status = 'closed'")
    await changed(connection)
    assert await value(app, "role") == []


async def test_a_scope_that_was_taken_away(app: Starlette, connection: Connection) -> None:
    """A token that still names it opens nothing any more."""
    token = await system_token(app, RDW_MODERN, "sbac.permissions")
    assert (await rest(app, "role", token)).status_code == 200
    await connection.execute(
        "update relying_parties set scopes = array_remove(scopes, 'sbac.permissions') where client_id = $1",
        RDW_MODERN.client_id,
    )
    assert (await rest(app, "role", token)).status_code == 403
