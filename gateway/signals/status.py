"""`/ssf/status`: whether a stream runs, and a receiver that pauses, disables or enables its own (SSF 1.0 8.1.2)."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.decisions.reading import json_of
from gateway.oidc.answers import json_answer
from gateway.refusals import Kind, RefusedError
from gateway.signals.receiver import receiver_of, stream_id_of, stream_of, unknown_stream
from gateway.state import gateway_of
from gateway.whole_body import whole_body
from policy.scopes import SIGNALS_MANAGE, SIGNALS_READ
from store.audit import AuditEvent, record
from store.signal_events import put_in_order
from store.signal_streams import SetBy, Status, Stream, locked_stream, set_status

PATH: Final = "/ssf/status"
_STATUSES: Final = {one.value: one for one in Status}
_LONGEST_REASON: Final = 200


async def read(request: Request) -> Response:
    async with gateway_of(request).pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_READ)
        stream = await stream_of(connection, receiver, stream_id_of(request))
    return _answer(stream, stream.status, stream.reason)


async def update(request: Request) -> Response:
    """What the state's administrator has stopped, the receiver doesn't begin again."""
    gateway = gateway_of(request)
    sent = await whole_body(request.receive)
    async with gateway.pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
        body = json_of(request, sent)
        found = await stream_of(connection, receiver, body.get("stream_id"))
        asked, reason = _STATUSES.get(str(body.get("status"))), _reason(body.get("reason"))
        if asked is None:
            raise RefusedError(Kind.BAD_USER_INPUT, f"status must be one of {', '.join(_STATUSES)}.")
        await put_in_order(connection)
        async with connection.transaction():
            stream = await locked_stream(connection, found.id)
            if stream is None:
                raise unknown_stream()
            if stream.status_by is SetBy.ADMINISTRATOR and stream.status is not Status.ENABLED:
                raise RefusedError(Kind.FORBIDDEN, "The state's administrator has stopped this stream: ask there.")
            await set_status(connection, stream.id, asked, SetBy.RECEIVER, reason, gateway.now())
            event = AuditEvent(
                "setSignalStreamStatus", "signal_stream", str(stream.id), actor_client=receiver.client.client_id,
                before={"status": stream.status.value}, after={"status": asked.value},
            )  # fmt: skip
            await record(connection, event)
    return _answer(stream, asked, reason)


def _answer(stream: Stream, status: Status, reason: str | None) -> Response:
    body: dict[str, Any] = {"stream_id": str(stream.id), "status": status.value}
    return json_answer(body if reason is None else body | {"reason": reason})


def _reason(found: object) -> str | None:
    if found is None:
        return None
    if not isinstance(found, str) or "\0" in found:
        raise RefusedError(Kind.BAD_USER_INPUT, "reason must be a text.")
    return found[:_LONGEST_REASON] or None
