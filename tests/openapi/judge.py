"""Answers judged by the OpenAPI document, with the validator that schemathesis brings."""

import json
from functools import cache
from typing import Any

import httpx2
from jsonschema_rs import Draft202012Validator

from gateway.openapi.document import document

DOCUMENT = document()


@cache
def validator(path: str, method: str, status: str, media_type: str) -> Draft202012Validator:
    """The validator of one documented answer; a KeyError names what isn't documented."""
    schema = DOCUMENT["paths"][path][method]["responses"][status]["content"][media_type]["schema"]
    return of_schema(json.dumps(schema))


@cache
def of_schema(text: str) -> Draft202012Validator:
    """The validator of a schema that may refer to the document's components."""
    return Draft202012Validator({**json.loads(text), "components": DOCUMENT["components"]}, validate_formats=True)


def documented(answer: httpx2.Response, path: str) -> bool:
    """Fails with the first difference between an answer and what the document says of it."""
    media_type = answer.headers["content-type"].partition(";")[0]
    method = answer.request.method.lower()
    judge = validator(path, method, str(answer.status_code), media_type)
    body: Any = answer.json() if media_type.endswith("json") else answer.text
    errors = [f"{list(error.instance_path)}: {error.message}" for error in judge.iter_errors(body)]
    assert errors == [], (answer.status_code, answer.text[:2000])
    return True
