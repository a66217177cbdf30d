"""`/ssf/streams`: a receiver makes, reads, changes, replaces and deletes its stream (SSF 1.0 8.1.1)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.decisions.reading import Json, MalformedError, json_of
from gateway.oidc.answers import json_answer
from gateway.refusals import Kind, RefusedError
from gateway.signals.headers import sealed_header
from gateway.signals.receiver import Receiver, poll_address, receiver_of, stream_id_of, stream_of, unknown_stream
from gateway.signals.verification import SHORTEST_INTERVAL
from gateway.signals.wanted import ALL_EVENTS, METHOD_URIS, Wanted, WantedDelivery, changed_transmitters, wanted
from gateway.state import Gateway, gateway_of
from gateway.whole_body import whole_body
from policy.scopes import SIGNALS_MANAGE, SIGNALS_READ
from policy.signals import SUPPORTED, URIS, kinds_of
from store.audit import AuditEvent, record
from store.connection import Connection
from store.signal_events import put_in_order
from store.signal_streams import (
    Configuration,
    Method,
    Stream,
    configure_stream,
    delete_stream,
    insert_stream,
    locked_stream,
    stream_of_client,
)

PATH: Final = "/ssf/streams"
_POLL: Final = WantedDelivery(Method.POLL, None, None)
"""Where nothing is said (SSF 1.0 8.1.1.1)."""


async def read(request: Request) -> Response:
    """One stream by `stream_id`, else the list of all."""
    async with gateway_of(request).pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_READ)
        if "stream_id" in request.query_params:
            return json_answer(_shown(request, await stream_of(connection, receiver, stream_id_of(request))))
        stream = await stream_of_client(connection, receiver.client.client_id)
    found = [] if stream is None else [_shown(request, stream)]
    return Response(orjson.dumps(found), headers={"Cache-Control": "no-store"}, media_type="application/json")


async def create(request: Request) -> Response:
    """201; 409 where the receiver has its stream; 403 where it is not registered to learn of changes this way."""
    gateway = gateway_of(request)
    sent = await whole_body(request.receive)
    async with gateway.pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
        body = json_of(request, sent)
        asked = _read(body, gateway)
        _check_registered(receiver)
        stream = gateway.new_id()
        made = _configured(gateway, stream, asked)
        await put_in_order(connection)
        async with connection.transaction():
            if not await insert_stream(connection, stream, receiver.client.client_id, made, gateway.now()):
                sentence = "You have a stream already: read it, and change or replace it."
                return json_answer({"error": "conflict", "error_description": sentence}, 409)
            await _audit(connection, receiver, "createSignalStream", stream, made)
        found = await stream_of_client(connection, receiver.client.client_id)
    if found is None:
        raise unknown_stream()
    return json_answer(_shown(request, found), 201)


async def update(request: Request) -> Response:
    """PATCH: what the body says is changed, all else stays."""
    return await _change(request, replace_all=False)


async def replaced(request: Request) -> Response:
    """PUT: what the body doesn't say is gone."""
    return await _change(request, replace_all=True)


async def delete(request: Request) -> Response:
    async with gateway_of(request).pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
        stream = await stream_of(connection, receiver, stream_id_of(request))
        async with connection.transaction():
            if not await delete_stream(connection, stream.id):
                raise unknown_stream()
            await _audit(connection, receiver, "deleteSignalStream", stream.id, None)
    return Response(status_code=204)


async def _change(request: Request, *, replace_all: bool) -> Response:
    gateway = gateway_of(request)
    sent = await whole_body(request.receive)
    async with gateway.pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
        body = json_of(request, sent)
        found = await stream_of(connection, receiver, body.get("stream_id"))
        _check_registered(receiver)
        asked = _read(body, gateway)
        async with connection.transaction():
            stream = await locked_stream(connection, found.id)
            if stream is None:
                raise unknown_stream()
            wrong = changed_transmitters(body, _shown(request, stream))
            if wrong is not None:
                raise RefusedError(Kind.BAD_USER_INPUT, f"{wrong} isn't yours to change: leave it out.")
            made = _configured(gateway, stream.id, asked)
            if not replace_all:
                made = _kept(stream.configuration, asked, made)
            await configure_stream(connection, stream.id, made)
            await _audit(connection, receiver, "updateSignalStream", stream.id, made)
    return json_answer(_shown(request, replace(stream, configuration=made)))


def _configured(gateway: Gateway, stream: UUID, asked: Wanted) -> Configuration:
    """As if nothing else had been said before."""
    delivery = asked.delivery or _POLL
    header = delivery.authorization_header
    return Configuration(
        delivery.method,
        delivery.endpoint_url,
        None if header is None else sealed_header(gateway.secret_key, header, stream),
        asked.events_requested or ALL_EVENTS,
        asked.description,
    )


def _kept(now: Configuration, asked: Wanted, made: Configuration) -> Configuration:
    """A delivery is one thing: with another address the secret of the former one isn't sent there."""
    if asked.delivery is None:
        made = replace(made, method=now.method, endpoint_url=now.endpoint_url, sealed_header=now.sealed_header)
    if asked.events_requested is None:
        made = replace(made, events_requested=now.events_requested)
    return made if asked.description is not None else replace(made, description=now.description)


def _shown(request: Request, stream: Stream) -> dict[str, Any]:
    """SSF 1.0 8.1.1. The receiver's header is never given back."""
    issuer, configuration = gateway_of(request).settings.issuer, stream.configuration
    url = configuration.endpoint_url or poll_address(issuer, stream.id)
    shown: dict[str, Any] = {
        "stream_id": str(stream.id),
        "iss": issuer,
        "aud": stream.client.client_id,
        "delivery": {"method": METHOD_URIS[configuration.method], "endpoint_url": url},
        "events_supported": list(SUPPORTED),
        "events_requested": list(configuration.events_requested),
        "events_delivered": [URIS[kind] for kind in kinds_of(configuration.events_requested)],
        "min_verification_interval": int(SHORTEST_INTERVAL.total_seconds()),
    }
    return shown if configuration.description is None else shown | {"description": configuration.description}


def _read(body: Json, gateway: Gateway) -> Wanted:
    try:
        return wanted(body, gateway.settings.issuer)
    except MalformedError as error:
        raise RefusedError(Kind.BAD_USER_INPUT, str(error)) from error


def _check_registered(receiver: Receiver) -> None:
    if not receiver.registered:
        sentence = (
            "This client is not registered to learn of changes by Shared Signals: ask the state to register it so."
        )
        raise RefusedError(Kind.FORBIDDEN, sentence)


async def _audit(
    connection: Connection, receiver: Receiver, action: str, stream: UUID, made: Configuration | None
) -> None:
    after: Mapping[str, object] | None = None
    if made is not None:
        after = {"method": made.method.value, "endpoint": made.endpoint_url, "events": list(made.events_requested)}
    event = AuditEvent(action, "signal_stream", str(stream), actor_client=receiver.client.client_id, after=after)
    await record(connection, event)
