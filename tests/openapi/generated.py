"""Requests that schemathesis makes up from the OpenAPI document: such as it describes, and such as it forbids."""

import copy
import json
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from gateway.openapi.document import document


@dataclass(frozen=True, slots=True)
class Sent:
    """One request without credentials; the test adds a caller's."""

    path: str
    method: str
    headers: dict[str, str]
    content: bytes


def requests_of(path: str, mode: GenerationMode, most: int, known: dict[str, list[str]]) -> list[Sent]:
    """The same each time. `known`: a member's name -> the values that it is given."""
    schema: Any = schemathesis.openapi.from_dict(_with_known(document(), known))
    schema.config.update(base_url="http://localhost:8000")
    found: list[Sent] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path != path:
            continue

        @settings(
            max_examples=most,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        @given(operation.as_strategy(generation_mode=mode))
        def collect(case: Any) -> None:
            found.append(_sent(case.as_transport_kwargs(), path))

        collect()
    return found


def _sent(made: dict[str, Any], path: str) -> Sent:
    headers = {
        name: value
        for name, value in made["headers"].items()
        if name.isascii() and value.isascii() and value.isprintable() and name.lower() != "authorization"
    }
    body: Any = made.get("data")
    if "json" in made:
        body = json.dumps(made["json"]).encode()
    elif isinstance(body, dict):
        body = urlencode(cast(dict[str, Any], body), doseq=True, errors="replace").encode()
    elif isinstance(body, str):
        body = body.encode("utf-8", "replace")
    return Sent(path, made["method"], headers, body or b"")


def _with_known(whole: dict[str, Any], known: dict[str, list[str]]) -> dict[str, Any]:
    """The document, in which texts of these names are of the test's world: made-up ones lead nowhere."""
    changed = copy.deepcopy(whole)
    for name, schema in changed["components"]["schemas"].items():
        kind = name.removesuffix("Resource").removesuffix("Subject") if name.endswith(("Resource", "Subject")) else ""
        _narrow(schema, known, kind)
    return changed


def _narrow(schema: Any, known: dict[str, list[str]], kind: str) -> None:
    if isinstance(schema, list):
        for one in cast(list[Any], schema):
            _narrow(one, known, kind)
    if not isinstance(schema, dict):
        return
    members = cast(dict[str, Any], schema)
    properties: dict[str, Any] = members.get("properties", {})
    for name, inner in properties.items():
        values = known.get(f"{kind}.id") if name == "id" else known.get(name)
        if values and isinstance(inner, dict):
            narrowed: dict[str, Any] = {"type": "string", "enum": values}
            properties[name] = {"type": "array", "items": narrowed} if name == "organizations" else narrowed
    for inner in members.values():
        _narrow(inner, known, kind)
