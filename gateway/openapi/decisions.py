"""The decision API's paths, under the addresses at which its modules answer."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.decisions import evaluation, evaluations, metadata, search_action, search_resource, search_subject
from gateway.openapi.refusals import SENTENCE, answered, refusals
from gateway.openapi.schemas import Schema, json_content, ref, shape_of
from gateway.refusals import Kind

_REFUSED: Final = (Kind.BAD_USER_INPUT, Kind.UNAUTHENTICATED, Kind.FORBIDDEN)
_EXAMPLE_ISSUER: Final = "https://hallpass.example"


def decision_paths() -> Mapping[str, Any]:
    several: Schema = {"oneOf": [ref("Evaluations"), ref("Decision")]}
    return {
        metadata.PATH: {
            "get": {
                "operationId": "decisionMetadata",
                "summary": "Where the decision API answers (AuthZEN 9).",
                "security": [],
                "responses": {"200": answered("The addresses.", json_content(_metadata()))},
            }
        },
        evaluation.PATH: _asked("evaluation", "One question, one decision (AuthZEN 6).", ref("Decision")),
        evaluations.PATH: _asked("evaluations", "Many questions at once (AuthZEN 7).", several),
        search_subject.PATH: _asked("subjectSearch", "Who may do this there (AuthZEN 8.4).", ref("SubjectPage")),
        search_resource.PATH: _asked("resourceSearch", "Where she may do this (AuthZEN 8.5).", ref("ResourcePage")),
        search_action.PATH: _asked("actionSearch", "What she may do there (AuthZEN 8.6).", ref("ActionPage")),
    }


def _metadata() -> Schema:
    return shape_of(orjson.loads(metadata.document(_EXAMPLE_ISSUER)))


def _asked(operation: str, summary: str, answer: Schema) -> Mapping[str, Any]:
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "parameters": [{"$ref": "#/components/parameters/X-Request-ID"}],
            "requestBody": {
                "required": True,
                "content": json_content(ref(operation[0].upper() + operation[1:] + "Request")),
            },
            "responses": {"200": answered("The answer.", json_content(answer)), **refusals(SENTENCE, *_REFUSED)},
        }
    }
