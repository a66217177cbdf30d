"""`/ssf/poll/{stream}`: a receiver fetches what waits, and acknowledges what it has (RFC 8936).

The answer always begins with the oldest event that wasn't acknowledged. So nothing is told before something earlier,
also where an answer was lost on its way; who polls before it acknowledges gets the same once more.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.decisions.reading import Json, MalformedError, json_of, object_of
from gateway.oidc.answers import json_answer
from gateway.oidc.keys.ring import key_ring_of
from gateway.refusals import Kind, RefusedError
from gateway.signals.readying import ready
from gateway.signals.receiver import Receiver, receiver_of, stream_of
from gateway.signals.sets import ALG, signed_set
from gateway.state import Gateway, gateway_of
from gateway.whole_body import whole_body
from policy.scopes import SIGNALS_MANAGE
from policy.signals import ERROR_CODES
from resolvers.references import read_id
from store.connection import Connection
from store.signal_deliveries import Delivery, acknowledge, report_error
from store.signal_streams import Method, Stream

PATH: Final = "/ssf/poll/{stream}"
MOST_EVENTS: Final = 100
_MOST_NAMED: Final = 1_000
LONGEST_WAIT_SECONDS: Final = 25.0
"""Shorter than proxies wait for a quiet answer."""
_LOOK_SECONDS: Final = 1.0
_MOST_WAITING: Final = 100
"""Requests that one process keeps open; others are answered at once."""


@dataclass(frozen=True, slots=True)
class Poll:
    """RFC 8936 section 2.2."""

    most: int
    wait: bool
    acknowledged: tuple[UUID, ...]
    errors: Mapping[UUID, str]


async def poll(request: Request) -> Response:
    gateway = gateway_of(request)
    sent = await whole_body(request.receive)
    async with gateway.pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
        body = json_of(request, sent)
        stream = await _polled(request, connection, receiver)
        asked = _asked(body)
        await _settle(gateway, connection, stream, asked)
        found = await ready(gateway, connection, stream, asked.most) if asked.most else ()
    if not found and asked.most and asked.wait:
        found = await _waited(request, asked.most)
    return await _answer(request, stream, found, asked.most)


async def _polled(request: Request, connection: Connection, receiver: Receiver) -> Stream:
    stream = await stream_of(connection, receiver, request.path_params["stream"])
    if not receiver.registered:
        raise RefusedError(Kind.FORBIDDEN, "This client is not registered to learn of changes by Shared Signals.")
    if stream.configuration.method is not Method.POLL:
        raise RefusedError(Kind.FORBIDDEN, "This stream pushes its events: change its delivery to fetch them.")
    return stream


async def _settle(gateway: Gateway, connection: Connection, stream: Stream, asked: Poll) -> None:
    if not asked.acknowledged and not asked.errors:
        return
    client, now = stream.client.client_id, gateway.now()
    async with connection.transaction():
        await acknowledge(connection, stream.id, asked.acknowledged, now)
        for jti, error in asked.errors.items():
            await report_error(connection, stream.id, jti, error, now)
    for _ in asked.acknowledged:
        gateway.signals.count(client, "delivered")
    for _ in asked.errors:
        gateway.signals.count(client, "refused")


async def _waited(request: Request, most: int) -> tuple[Delivery, ...]:
    """What comes within half a minute, for as long as the receiver may ask; no connection is held meanwhile."""
    gateway = gateway_of(request)
    figures = gateway.signals
    if figures.polls_waiting >= _MOST_WAITING:
        return ()
    figures.polls_waiting += 1
    try:
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            while not await request.is_disconnected():
                await asyncio.sleep(_LOOK_SECONDS)
                async with gateway.pool.acquire() as connection:
                    receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
                    stream = await _polled(request, connection, receiver)
                    found = await ready(gateway, connection, stream, most)
                if found:
                    return found
    except TimeoutError:
        return ()
    finally:
        figures.polls_waiting -= 1
    return ()


async def _answer(request: Request, stream: Stream, found: tuple[Delivery, ...], most: int) -> Response:
    """RFC 8936 section 2.3."""
    gateway = gateway_of(request)
    now = gateway.now()
    key = (await key_ring_of(request).at(now)).signer(ALG, now)
    issuer, audience = gateway.settings.issuer, stream.client.client_id
    told = found[:most]

    def signed() -> dict[str, str]:
        return {str(one.jti): signed_set(one, key, issuer, audience, stream.id) for one in told}

    sets = await asyncio.to_thread(signed) if told else {}
    body: dict[str, Any] = {"sets": sets, "moreAvailable": len(found) > most}
    return json_answer(body)


def _asked(body: Json) -> Poll:
    try:
        return Poll(_most(body), not _switch(body, "returnImmediately"), _acknowledged(body), _errors(body))
    except MalformedError as error:
        raise RefusedError(Kind.BAD_USER_INPUT, str(error)) from error


def _most(body: Json) -> int:
    found = body.get("maxEvents", MOST_EVENTS)
    if type(found) is not int or found < 0:
        raise MalformedError("maxEvents must be a whole number, 0 or larger.")
    return min(found, MOST_EVENTS)


def _switch(body: Json, name: str) -> bool:
    found = body.get(name, False)
    if type(found) is not bool:
        raise MalformedError(f"{name} must be true or false.")
    return found


def _acknowledged(body: Json) -> tuple[UUID, ...]:
    """Ids that aren't ours are nobody's."""
    found = body.get("ack", [])
    if not isinstance(found, list) or len(cast("list[object]", found)) > _MOST_NAMED:
        raise MalformedError(f"ack must be a list of up to {_MOST_NAMED} ids.")
    jtis = (read_id(one) for one in cast("list[object]", found) if isinstance(one, str))
    return tuple(jti for jti in jtis if jti is not None)


def _errors(body: Json) -> Mapping[UUID, str]:
    """Codes by id (RFC 8936 section 2.4.4); what the receiver says besides isn't kept."""
    found = object_of(body.get("setErrs", {}), "setErrs")
    if len(found) > _MOST_NAMED:
        raise MalformedError(f"setErrs must name up to {_MOST_NAMED} ids.")
    errors: dict[UUID, str] = {}
    for name, said in found.items():
        error, jti = object_of(said, "An error of setErrs").get("err"), read_id(name)
        if not isinstance(error, str):
            raise MalformedError("An error of setErrs needs err.")
        if jti is not None:
            errors[jti] = error if error in ERROR_CODES else "unknown code"
    return errors
