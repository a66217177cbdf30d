"""The whole document: paths of each part, the schemas that they refer to, and how one proves who asks."""

from functools import cache
from typing import Any, Final

import orjson

from gateway.observation import SANE_ID
from gateway.openapi.answers import answer_schemas
from gateway.openapi.decisions import decision_paths
from gateway.openapi.operation import operation_paths
from gateway.openapi.questions import question_schemas
from gateway.openapi.refusals import SCHEMAS
from gateway.openapi.tokens import token_paths

_REQUEST_ID: Final = {"type": "string", "pattern": f"^{SANE_ID.pattern.decode()}$"}
_INFO: Final = {
    "title": "Hallpass: decision API, tokens and operation",
    "version": "1",
    "description": "Who may do what, where: AuthZEN 1.0, asked with an access token of scope directory.read.",
}


def document() -> dict[str, Any]:
    """OpenAPI 3.1. Addresses are relative to where it is served."""
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {**decision_paths(), **token_paths(), **operation_paths()},
        "components": {
            "schemas": {**question_schemas(), **answer_schemas(), **SCHEMAS},
            "parameters": {"X-Request-ID": _parameter()},
            "headers": {"X-Request-ID": {"description": "The request's id in our logs.", "schema": _REQUEST_ID}},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An access token for the gateway."},
                "client": {"type": "http", "scheme": "basic", "description": "Client id and secret."},
            },
        },
    }


@cache
def printed() -> str:
    """As `docs/openapi.json` holds it and `/openapi.json` serves it."""
    return orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _parameter() -> dict[str, Any]:
    return {
        "name": "X-Request-ID",
        "in": "header",
        "required": False,
        "description": "Given back with the answer; of another form than this, replaced.",
        "schema": _REQUEST_ID,
    }
