"""Asks the same of both executors: the compiled read and strawberry's, for one caller, and compares nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request

from gateway.caller_memory import Remembered
from gateway.graphql.documents import Document
from gateway.graphql.error_order import in_response_order
from gateway.graphql.errors import formatted
from gateway.graphql.execution import Outcome, Run, asking_in_memory, executed, ready_read
from gateway.graphql.reading import read
from gateway.graphql.reads.code import NotMappedError
from gateway.graphql.service import service_of
from gateway.remembered import asked_by_caller, known_caller
from gateway.state import gateway_of
from policy.caller import Caller


@dataclass(frozen=True, slots=True)
class Told:
    """What an executor answers: the data's text, so that the order of its members counts, and the errors."""

    data: str
    errors: list[dict[str, Any]]
    objects: int


@dataclass(frozen=True, slots=True)
class Both:
    compiled: Told | None
    """None: the operation is not a mapped read."""
    executed: Told
    caller: Caller
    run: Run


async def ask_both(
    app: Starlette, headers: Mapping[str, str], document: str, variables: Mapping[str, Any] | None = None
) -> Both:
    """Raises MalformedError for a document that can't be run."""
    request = request_of(app, headers)
    service = service_of(request)
    node = service.documents.read(document)
    run = Run(node, node.operation(None), variables or {})

    async def compiled(known: Remembered) -> Outcome | None:
        ready = ready_read(service.plans, run, known)
        if ready is None:
            return None
        try:
            pool = gateway_of(request).pool
            return Outcome(*await read(pool, known, asking_in_memory(request, known), ready))
        except NotMappedError:
            return None

    first = await asked_by_caller(request, compiled)
    second = await asked_by_caller(request, lambda known: executed(request, service.schema.graphql, run, known))
    known = known_caller(request)
    assert known is not None, "each executor remembers the caller"
    return Both(None if first is None else _told(first, node, run), _told(second, node, run), known.caller, run)


def _told(outcome: Outcome, document: Document, run: Run) -> Told:
    data = outcome.data if isinstance(outcome.data, bytes) else orjson.dumps(outcome.data)
    errors = in_response_order(outcome.errors, document.node, run.operation, run.variables)
    return Told(data.decode(), formatted(errors, "request"), outcome.objects)


def request_of(app: Starlette, headers: Mapping[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": raw, "app": app}
    return Request(scope)
