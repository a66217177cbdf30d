"""One operation of a request, from what was submitted to the bytes of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request

from gateway.graphql.documents import MalformedError
from gateway.graphql.error_order import in_response_order
from gateway.graphql.errors import formatted
from gateway.graphql.execution import Outcome, Run, carry_out
from gateway.graphql.media import JSON
from gateway.graphql.preparing import Prepared, prepared
from gateway.graphql.service import Service
from gateway.graphql.submission import submission_of
from gateway.graphql.unrevealing import names_in
from gateway.observation import request_id_of
from gateway.problems import ANSWERS
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of

_NOWHERE: Final = ("", 0)
_POST_ONLY: Final = "A GET asks only: send mutations by POST."
_OVER_WEBSOCKET: Final = (
    "A subscription is opened over a WebSocket with the subprotocol graphql-transport-ws, not here."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in JSON. `status` and `headers` are the response's where it is the only one."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


async def answered(request: Request, service: Service, asked: Mapping[str, Any], media_type: str) -> Answer:
    """The answer to one request object; what is refused of it is an answer too."""
    try:
        address, _ = request.scope.get("client") or _NOWHERE
        ready = prepared(service, submission_of(asked), gateway_of(request).settings, address)
        _check_kind(request, ready.run)
        outcome = await carry_out(request, service.schema.graphql, service.plans, ready.run)
    except MalformedError as malformed:
        body = {"errors": formatted(malformed.errors, request_id_of(request.scope))}
        return Answer(orjson.dumps(body), _status_of_fault(media_type))
    except RefusedError as refusal:
        return refused(request, refusal)
    status = 200 if outcome.was_run else _status_of_fault(media_type)
    return Answer(orjson.dumps(_body(request, ready, outcome)), status)


def refused(request: Request, refusal: RefusedError) -> Answer:
    """A refusal of the request as a whole."""
    extensions = {"code": refusal.kind.value, "requestId": request_id_of(request.scope)}
    body = {"errors": [{"message": refusal.message, "extensions": extensions}]}
    return Answer(orjson.dumps(body), ANSWERS[refusal.kind].status, refusal.headers)


def _check_kind(request: Request, run: Run) -> None:
    if run.operation.operation is OperationType.SUBSCRIPTION:
        raise MalformedError([GraphQLError(_OVER_WEBSOCKET, run.operation)])
    if request.method != "POST" and not run.is_query:
        raise RefusedError(Kind.METHOD_NOT_ALLOWED, _POST_ONLY, {"Allow": "POST"})


def _body(request: Request, ready: Prepared, outcome: Outcome) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if outcome.errors:
        run = ready.run
        errors = in_response_order(outcome.errors, run.document.node, run.operation, run.variables)
        body["errors"] = formatted(errors, request_id_of(request.scope), _written(request, run))
    cost = ready.admission.settle(outcome.objects)
    if outcome.was_run:
        body["data"] = orjson.Fragment(outcome.data) if isinstance(outcome.data, bytes) else outcome.data
        body["extensions"] = {"cost": cost}
    return body


def _written(request: Request, run: Run) -> frozenset[str] | None:
    """The names that messages may use: the caller's own, unless the operator lets them tell more."""
    if gateway_of(request).settings.graphql_suggestions:
        return None
    return run.document.names | names_in(orjson.dumps(run.variables).decode())


def _status_of_fault(media_type: str) -> int:
    """Of a document or variable that can't be run (GraphQL over HTTP, section 6.4)."""
    return 200 if media_type == JSON else 400
