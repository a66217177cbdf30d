"""The endpoints `/graphql` and `/graphql/schema`."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.graphql.answering import Answer, answered, refused
from gateway.graphql.deadline import Deadline
from gateway.graphql.introspection import sdl_for
from gateway.graphql.media import GRAPHQL_JSON, JSON
from gateway.graphql.negotiation import negotiated
from gateway.graphql.service import service_of
from gateway.graphql.submission import Submitted, read_submitted
from gateway.principal import caller_of
from gateway.refusals import RefusedError
from gateway.state import gateway_of

_HEADERS: Final = {b"cache-control": b"no-store", b"vary": b"Accept, Authorization, Cookie"}
_CONTENT_TYPES: Final = {JSON: b"application/json", GRAPHQL_JSON: b"application/graphql-response+json; charset=utf-8"}


def routes() -> list[BaseRoute]:
    return [
        Route("/graphql", Endpoint(), methods=["GET", "POST"]),
        Route("/graphql/schema", sdl, methods=["GET"]),
    ]


class Endpoint:
    """GraphQL over HTTP, straight on the server's protocol: a plain function's wrappers cost more than a plan.

    In application/graphql-response+json: 400 where the request or the document can't be run, 200 where it ran, with
    `errors` at their paths. In application/json a document that can't be run is answered with 200 as well.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        status, headers, body = await graphql(request)
        headers[b"content-length"] = b"%d" % len(body)
        await send({"type": "http.response.start", "status": status, "headers": [*headers.items()]})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})


Headers = dict[bytes, bytes]


async def graphql(request: Request) -> tuple[int, Headers, bytes]:
    """Status, headers and body of the answer to one request."""
    settings, service = gateway_of(request).settings, service_of(request)
    media_type = JSON
    try:
        media_type = negotiated(request, settings.issuer, posted=request.method not in {"GET", "HEAD"})
        async with Deadline(settings.graphql_deadline):
            submitted = await read_submitted(request, settings)
            answers = [await answered(request, service, one, media_type) for one in submitted.each]
    except RefusedError as refusal:
        return _response(Submitted([]), [refused(request, refusal)], media_type)
    return _response(submitted, answers, media_type)


async def sdl(request: Request) -> PlainTextResponse:
    """The schema's text with the access rules, as far as the caller may see it."""
    async with gateway_of(request).pool.acquire() as connection:
        caller = await caller_of(request, connection)
    text = sdl_for(service_of(request).schema, gateway_of(request).settings.graphql_introspection, caller)
    return PlainTextResponse(text, headers={"Cache-Control": "no-store", "Vary": "Authorization, Cookie"})


def _response(submitted: Submitted, answers: Sequence[Answer], media_type: str) -> tuple[int, Headers, bytes]:
    """One answer, or an array of them with status 200: each says for itself what became of it."""
    headers = {b"content-type": _CONTENT_TYPES[media_type], **_HEADERS}
    for one in answers:
        headers.update((name.lower().encode(), value.encode()) for name, value in one.headers.items())
    if not submitted.batched:
        (only,) = answers
        return only.status, headers, only.body
    return 200, headers, b"[" + b",".join(one.body for one in answers) + b"]"
