"""Runs the named GraphQL documents of the pages in-process, as the request's caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request

from gateway.console.documents import operation
from gateway.graphql.errors import formatted
from gateway.graphql.execution import Outcome, Run, carry_out
from gateway.graphql.service import service_of
from gateway.observation import request_id_of
from gateway.refusals import Kind, RefusedError

_FIELD_REFUSED: Final = "UNAUTHORIZED_FIELD_OR_TYPE"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a document's run gave: data with null where something isn't for the caller, and why."""

    data: Mapping[str, Any]
    errors: Sequence[Mapping[str, Any]]


async def ask(request: Request, name: str, variables: Mapping[str, Any] | None = None) -> Answered:
    """Run a named document as the caller of this request.

    Raises RefusedError where the caller's credentials aren't good, where the answer as a whole was refused, and for
    what broke inside: only fields that aren't for the caller come back as errors.
    """
    service = service_of(request)
    document = service.documents.read(operation(name))
    run = Run(document, document.operation(None), variables or {})
    return _answered(request, await carry_out(request, service.schema.graphql, service.plans, run))


def _answered(request: Request, outcome: Outcome) -> Answered:
    errors = formatted(outcome.errors, request_id_of(request.scope))
    for error in errors:
        code = error["extensions"]["code"]
        if code not in {_FIELD_REFUSED, Kind.NOT_FOUND.value}:
            raise RefusedError(Kind(code), error["message"])
    if outcome.data is None:
        raise RefusedError(Kind.INTERNAL, "The page could not be put together. Try again.")
    data = orjson.loads(outcome.data) if isinstance(outcome.data, bytes) else outcome.data
    return Answered(data, errors)
