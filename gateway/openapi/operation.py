"""`/healthz`, `/readyz` and the document's own path."""

from collections.abc import Mapping
from typing import Any, Final

from gateway import checks
from gateway.openapi.refusals import PROBLEM, answered, refusals
from gateway.openapi.schemas import FLAG, WORD, Schema, json_content, listed, members, one_of

PATH: Final = "/openapi.json"


def operation_paths() -> Mapping[str, Any]:
    ready = json_content(_readiness())
    answers = {"200": answered("Ready.", ready), **refusals(PROBLEM), "503": answered("Not ready.", ready)}
    return {
        "/healthz": {"get": _open("health", "The process answers.", {"200": answered("Alive.", _TEXT)})},
        "/readyz": {"get": _open("readiness", "Database, migrations and keys are in order.", answers)},
        PATH: {"get": _open("description", "This document.", {"200": answered("OpenAPI 3.1.", _OBJECT)})},
    }


_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}
_OBJECT: Final = json_content({"type": "object", "required": ["openapi", "info", "paths"]})


def _open(operation: str, summary: str, responses: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "operationId": operation,
        "summary": summary,
        "security": [],
        "responses": {**refusals(PROBLEM), **responses},
    }


def _readiness() -> Schema:
    check = members({"name": one_of(name for name, _ in checks.READINESS), "ok": FLAG}, {"problem": WORD})
    return members({"status": one_of(("ready", "not ready")), "checks": listed(check)})
