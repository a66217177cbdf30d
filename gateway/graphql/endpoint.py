"""The endpoints `/graphql` and `/graphql/schema`."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.graphql.answering import Answer, answered, refused
from gateway.graphql.deadline import deadline
from gateway.graphql.introspection import sdl_for
from gateway.graphql.media import GRAPHQL_JSON, answer_type
from gateway.graphql.service import service_of
from gateway.graphql.submission import Submitted, read_submitted
from gateway.principal import caller_of
from gateway.refusals import RefusedError
from gateway.state import gateway_of

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, Authorization, Cookie"}


def routes() -> list[BaseRoute]:
    return [
        Route("/graphql", graphql, methods=["GET", "POST"]),
        Route("/graphql/schema", sdl, methods=["GET"]),
    ]


async def graphql(request: Request) -> Response:
    """GraphQL over HTTP.

    In application/graphql-response+json: 400 where the request or the document can't be run, 200 where it ran, with
    `errors` at their paths. In application/json a document that can't be run is answered with 200 as well.
    """
    media_type = answer_type(request)
    settings = gateway_of(request).settings
    try:
        async with deadline(settings.graphql_deadline):
            submitted = await read_submitted(request, settings)
            answers = [await answered(request, one, media_type) for one in submitted.each]
    except RefusedError as refusal:
        return _response(Submitted([]), [refused(request, refusal)], media_type)
    return _response(submitted, answers, media_type)


async def sdl(request: Request) -> Response:
    """The schema's text with the access rules, as far as the caller may see it."""
    async with gateway_of(request).pool.acquire() as connection:
        caller = await caller_of(request, connection)
    text = sdl_for(service_of(request).schema, gateway_of(request).settings.graphql_introspection, caller)
    return PlainTextResponse(text, headers={"Cache-Control": "no-store", "Vary": "Authorization, Cookie"})


def _response(submitted: Submitted, answers: Sequence[Answer], media_type: str) -> Response:
    """One answer, or an array of them with status 200: each says for itself what became of it."""
    content_type = f"{media_type}; charset=utf-8" if media_type == GRAPHQL_JSON else media_type
    if not submitted.batched:
        (only,) = answers
        return Response(only.body, only.status, {**_HEADERS, **only.headers}, content_type)
    headers = dict(_HEADERS)
    for one in answers:
        headers.update(one.headers)
    return Response(b"[" + b",".join(one.body for one in answers) + b"]", 200, headers, content_type)
