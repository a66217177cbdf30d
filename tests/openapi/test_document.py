"""The OpenAPI document: valid, committed as the code makes it, and of exactly the routes of its parts."""

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from starlette.routing import Route

from gateway.decisions.routes import routes as decision_routes
from gateway.oidc import discovery
from gateway.oidc.authorization import pushing as par
from gateway.oidc.keys import jwks
from gateway.oidc.token import endpoint as token
from gateway.openapi.document import document, printed
from gateway.openapi.endpoint import routes as own_routes
from gateway.openapi.questions import RESOURCE_PROPERTIES
from gateway.routes import route_table
from policy.reasons import Reason
from store.shipped_packs import vocabulary
from tests.decisions.conftest import Api
from tests.decisions.test_evaluation import GOOD
from tests.openapi.judge import DOCUMENT

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
OF_OTHER_ROOMS = {
    par.PATH,
    token.PATH,
    jwks.PATH,
    discovery.OPENID_PATH,
    discovery.SERVER_PATH,
    discovery.RESOURCE_PATH,
}


def test_the_committed_document_is_what_the_code_makes() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == printed(), "hallpass openapi > docs/openapi.json"


def test_it_is_valid_openapi_3_1() -> None:
    schemathesis.openapi.from_dict(document()).validate()


def test_it_has_every_route_of_its_parts_and_no_other() -> None:
    served = {
        (route.path, method.lower())
        for route in route_table()
        if isinstance(route, Route)
        for method in route.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    parts = {route.path for route in (*decision_routes(), *own_routes()) if isinstance(route, Route)}
    parts |= OF_OTHER_ROOMS | {"/healthz", "/readyz"}
    described = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == {(path, method) for path, method in served if path in parts}


def test_permissions_and_reasons_are_the_code_s() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Permission"]["enum"] == [*vocabulary(), "open"]
    assert schemas["Reason"]["enum"] == [reason.value for reason in Reason]


def test_every_reference_leads_somewhere_and_every_schema_is_referred_to() -> None:
    named = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', printed()))
    assert named == set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize("kind", sorted(RESOURCE_PROPERTIES))
async def test_the_properties_of_each_resource_are_those_that_are_read(thss: Api, kind: str) -> None:
    """What isn't known is refused with the names that are: those that the document gives."""
    must, may = RESOURCE_PROPERTIES[kind]
    action: dict[str, Any] = {"name": "open"} if kind == "system" else dict(GOOD["action"])
    if kind == "role_assignment":
        action["properties"] = {"change": "assign"}
    resource = {"type": kind, "id": "x", "properties": {"surprise": 1}}
    status, told = await thss.refusal("evaluation", {**GOOD, "action": action, "resource": resource})
    assert status == 400
    known = ", ".join(sorted({*must, *may})) or "none"
    assert told == f"resource.properties has the unknown member 'surprise'; known: {known}."
