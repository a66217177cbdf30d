"""The endpoints `/graphql` and `/graphql/schema`."""

from dataclasses import dataclass
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.graphql.documents import Documents, MalformedError
from gateway.graphql.errors import formatted
from gateway.graphql.execution import Run, carry_out
from gateway.graphql.submission import GRAPHQL_JSON, Submission, answer_type, read_submission
from gateway.observation import request_id_of
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from schema.build import BuiltSchema, build_schema


@dataclass(frozen=True, slots=True)
class Service:
    """The schema of one process and the documents that it has seen lately."""

    schema: BuiltSchema
    documents: Documents


def routes() -> list[BaseRoute]:
    return [
        Route("/graphql", graphql, methods=["GET", "POST"]),
        Route("/graphql/schema", sdl, methods=["GET"]),
    ]


async def graphql(request: Request) -> Response:
    """GraphQL over HTTP. 400: the request or the document can't be run; 200: it ran, with `errors` at their paths."""
    service = service_of(request)
    submission = await read_submission(request, gateway_of(request).settings)
    try:
        run = _chosen(service, submission)
    except MalformedError as malformed:
        return _answer(request, {"errors": _errors(request, malformed.errors)}, 400)
    if request.method == "GET" and not run.is_query:
        text = "A GET asks only: send mutations by POST."
        raise RefusedError(Kind.METHOD_NOT_ALLOWED, text, {"Allow": "POST"})
    result = await carry_out(request, service.schema.graphql, run)
    return _answer(request, _body(request, result), 200 if _was_run(result) else 400)


async def sdl(request: Request) -> Response:
    """The schema's text with every directive: what is public about it."""
    return PlainTextResponse(service_of(request).schema.sdl, headers={"Cache-Control": "no-cache"})


def service_of(request: HTTPConnection) -> Service:
    """Built at the first request; a schema that isn't complete is refused by its tests long before."""
    state = request.app.state
    if not hasattr(state, "graphql_service"):
        built = build_schema(gateway_of(request).packs.current.vocabulary)
        state.graphql_service = Service(built, Documents(built.graphql))
    service: Service = state.graphql_service
    return service


def _chosen(service: Service, submission: Submission) -> Run:
    document = service.documents.read(submission.document)
    return Run(document, document.operation(submission.operation), submission.variables)


def _was_run(result: ExecutionResult) -> bool:
    """A refused variable ends the request before any field: its error has no path, and there is no data."""
    return result.data is not None or any(error.path for error in result.errors or ())


def _body(request: Request, result: ExecutionResult) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = _errors(request, result.errors)
    if _was_run(result):
        body["data"] = result.data
    return body


def _errors(request: Request, errors: list[GraphQLError]) -> list[dict[str, Any]]:
    return formatted(errors, request_id_of(request.scope))


def _answer(request: Request, body: dict[str, Any], status: int) -> Response:
    media_type = answer_type(request)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Authorization, Cookie"}
    if media_type == GRAPHQL_JSON:
        media_type += "; charset=utf-8"
    return Response(orjson.dumps(body), status, headers, media_type)
