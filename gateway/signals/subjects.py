"""`/ssf/subjects/*`: a receiver leaves people out of its stream, and takes them in again (SSF 1.0 8.1.3).

A stream tells of everybody who concerns its receiver (`default_subjects` ALL). Adding somebody else changes nothing,
and the answer is the same for people who are known, unknown or out of reach.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.decisions.reading import Json, MalformedError, json_of, object_of, text_of
from gateway.refusals import Kind, RefusedError
from gateway.signals.receiver import receiver_of, stream_of
from gateway.state import gateway_of
from gateway.whole_body import whole_body
from policy.ids import UserId
from policy.scopes import SIGNALS_MANAGE
from resolvers.references import read_id
from store.connection import Connection
from store.signal_streams import add_subject, remove_subject

ADD_PATH: Final = "/ssf/subjects/add"
REMOVE_PATH: Final = "/ssf/subjects/remove"


async def add(request: Request) -> Response:
    await _change(request, add_subject)
    return Response(status_code=200)


async def remove(request: Request) -> Response:
    await _change(request, remove_subject)
    return Response(status_code=204)


async def _change(request: Request, change: Callable[[Connection, UUID, UserId], Awaitable[None]]) -> None:
    gateway = gateway_of(request)
    sent = await whole_body(request.receive)
    async with gateway.pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
        body = json_of(request, sent)
        stream = await stream_of(connection, receiver, body.get("stream_id"))
        try:
            user = _person(object_of(body.get("subject"), "subject"), gateway.settings.issuer)
        except MalformedError as error:
            raise RefusedError(Kind.BAD_USER_INPUT, str(error)) from error
        if user is not None:
            await change(connection, stream.id, user)


def _person(subject: Json, issuer: str) -> UserId | None:
    """None: a subject that nobody here has. Raises MalformedError."""
    if text_of(subject.get("format"), "subject.format") != "iss_sub":
        raise MalformedError("subject.format must be iss_sub.")
    iss, sub = text_of(subject.get("iss"), "subject.iss"), text_of(subject.get("sub"), "subject.sub")
    found = read_id(sub) if iss == issuer else None
    return None if found is None else UserId(found)
