"""`/ssf/verification`: a receiver asks for an event that shows that its stream works (SSF 1.0 8.1.4)."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.decisions.reading import json_of
from gateway.refusals import Kind, RefusedError
from gateway.signals.receiver import receiver_of, stream_of
from gateway.state import gateway_of
from gateway.whole_body import whole_body
from policy.scopes import SIGNALS_MANAGE
from policy.signals import Kind as EventKind
from store.signal_deliveries import StreamEvent, add_event
from store.signal_streams import Status, ask_for_verification, locked_stream

PATH: Final = "/ssf/verification"
SHORTEST_INTERVAL: Final = timedelta(seconds=10)
_LONGEST_STATE: Final = 1_000


async def verify(request: Request) -> Response:
    """204; the event follows what waits. 429 within ten seconds of the last one. A disabled stream tells nothing."""
    gateway = gateway_of(request)
    sent = await whole_body(request.receive)
    async with gateway.pool.acquire() as connection:
        receiver = await receiver_of(request, connection, SIGNALS_MANAGE)
        body = json_of(request, sent)
        found = await stream_of(connection, receiver, body.get("stream_id"))
        state, now = _state(body.get("state")), gateway.now()
        async with connection.transaction():
            stream = await locked_stream(connection, found.id)
            if not await ask_for_verification(connection, found.id, now, now - SHORTEST_INTERVAL):
                wait = str(int(SHORTEST_INTERVAL.total_seconds()))
                raise RefusedError(
                    Kind.THROTTLED, "Ask again in a while: see min_verification_interval.", {"Retry-After": wait}
                )
            if stream is not None and stream.status is not Status.DISABLED:
                details = {} if state is None else {"state": state}
                event = StreamEvent(gateway.new_id(), EventKind.VERIFICATION, details, gateway.new_id())
                await add_event(connection, stream.id, event, now)
    return Response(status_code=204)


def _state(found: object) -> str | None:
    if found is None:
        return None
    if not isinstance(found, str) or "\0" in found or len(found) > _LONGEST_STATE:
        raise RefusedError(Kind.BAD_USER_INPUT, f"state must be a text of up to {_LONGEST_STATE} characters.")
    return found
