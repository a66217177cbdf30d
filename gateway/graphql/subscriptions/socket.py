"""One socket from its handshake to its end: what may be said when, by whom, and what ends it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Final

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.access_cache import today_of
from gateway.caller_memory import Remembered
from gateway.checks import CONNECTION_ERRORS
from gateway.graphql.subscriptions.credentials import key_of, recognized, with_token
from gateway.graphql.subscriptions.operation import Operation
from gateway.graphql.subscriptions.protocol import SUBPROTOCOL, ClosedError, Code, Message, read_message, written
from gateway.logging import logger
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from policy.session_life import IDLE_LIMIT
from store.live_marks import LiveMark
from store.marks import Mark

INIT_SECONDS: Final = 5.0
"""From the handshake to connection_init."""
STALL_SECONDS: Final = 10.0
"""So long one message may wait for a reader."""
MOST_OPERATIONS: Final = 20
"""That run at once over one socket."""
_log = logger("hallpass.subscriptions")
_AWAY: Final = "The database can't be reached at the moment. Connect again and resume in a minute."


class State(Enum):
    CONNECTED = 1
    """connection_init is awaited."""
    ACKNOWLEDGED = 2


class Socket:
    """`serve` runs until either side has closed; everything else is done from within it, or by `Live`."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._gateway = gateway_of(websocket)
        self._connection: HTTPConnection = websocket
        self._state = State.CONNECTED
        self._known: Remembered | None = None
        self._stale = False
        self._reading = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._running: dict[str, tuple[Operation, asyncio.Task[None]]] = {}
        self._checks: set[asyncio.Task[None]] = set()
        self._actions: Mapping[str, Callable[[Message], Awaitable[None]]] = {
            "connection_init": self._init,
            "ping": self._ping,
            "pong": self._pong,
            "subscribe": self._subscribe,
            "complete": self._complete,
        }
        self._over: asyncio.Future[ClosedError] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        await self._websocket.accept(subprotocol=SUBPROTOCOL)
        timer = asyncio.get_running_loop().call_later(INIT_SECONDS, self._check_init)
        receiving = asyncio.create_task(self._receive())
        try:
            self._gateway.live.enter(self)
            await asyncio.wait({receiving, self._over}, return_when=asyncio.FIRST_COMPLETED)
        except ClosedError as closed:
            self.close(closed)
        finally:
            timer.cancel()
            self._gateway.live.leave(self)
            await _ended([receiving, *self._checks, *(task for _, task in self._running.values())])
        if self._over.done():
            await self._say_goodbye(self._over.result())

    def close(self, why: ClosedError) -> None:
        """End it; the first reason counts."""
        if not self._over.done():
            self._over.set_result(why)

    @property
    def connection(self) -> HTTPConnection:
        """The handshake with the credentials that came with it or with connection_init."""
        return self._connection

    @property
    def mark(self) -> Mark | None:
        return None if self._known is None else self._known.mark

    def look_at(self, found: LiveMark, now: datetime) -> None:
        """How the caller stands: too old ends it, changed reads her anew and judges again what she follows."""
        known = self._known
        if known is None:
            return
        idle = found.last_seen_at is not None and now - found.last_seen_at > IDLE_LIMIT
        if self._has_expired(known, now) or idle or (found.expires_at is not None and now >= found.expires_at):
            self.close(ClosedError(Code.FORBIDDEN, "The session or token has ended. Connect again with a new one."))
        elif found.found != known.mark.expected or known.today != today_of(self._gateway.settings, now):
            self._stale = True
            check = asyncio.create_task(self._check_again())
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)

    async def caller(self, *, anew: bool = False) -> Remembered:
        """Who is told, as of the last look or, `anew`, as she is in the database at this moment.

        Raises ClosedError for a caller who has no access any more.
        """
        async with self._reading:
            known = self._known
            if known is None or self._stale or anew:
                known = await self._read()
            if self._has_expired(known, self._gateway.now()):
                raise ClosedError(Code.FORBIDDEN, "The token has expired. Connect again with a new one.")
            return known

    async def _read(self) -> Remembered:
        """The caller, read. Found changed meanwhile, or not read to the end, she stays stale."""
        self._stale = False
        try:
            self._known = known = await self._recognized()
        except BaseException:
            self._stale = True
            raise
        return known

    async def send(self, text: str) -> None:
        """Raises ClosedError where the reader doesn't take it in time, WebSocketDisconnect where she has left."""
        async with self._sending:
            try:
                async with asyncio.timeout(STALL_SECONDS):
                    await self._websocket.send_text(text)
            except TimeoutError as error:
                why = "You read more slowly than there is to tell. Connect again and resume."
                raise ClosedError(Code.TRY_AGAIN, why) from error

    async def _receive(self) -> None:
        try:
            while True:
                event = await self._websocket.receive()
                if event["type"] == "websocket.disconnect":
                    return
                message = read_message(event.get("text"))
                await self._actions[message.type](message)
        except ClosedError as closed:
            self.close(closed)
        except WebSocketDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, this socket ends and no other
            self._break(error)

    async def _init(self, message: Message) -> None:
        if self._state is not State.CONNECTED:
            raise ClosedError(Code.TOO_MANY_INITS, "Too many initialisation requests")
        self._state = State.ACKNOWLEDGED
        try:
            self._connection = with_token(self._websocket, message.payload)
        except RefusedError as refused:
            raise ClosedError(Code.FORBIDDEN, refused.message) from refused
        self._gateway.live.known(self, key_of(await self.caller()))
        await self.send(written("connection_ack"))

    async def _ping(self, message: Message) -> None:
        await self.send(written("pong", payload=message.payload or None))

    async def _pong(self, message: Message) -> None:
        del message  # a client may send them unasked

    async def _subscribe(self, message: Message) -> None:
        if self._known is None:
            raise ClosedError(Code.UNAUTHORIZED, "Unauthorized: send connection_init first.")
        if message.id in self._running:
            raise ClosedError(Code.DUPLICATE, f"Subscriber for {message.id} already exists")
        operation = Operation(self, message)
        if len(self._running) >= MOST_OPERATIONS:
            await self.send(operation.refused(Kind.THROTTLED, f"{MOST_OPERATIONS} operations run here already."))
            return
        self._running[message.id] = operation, asyncio.create_task(self._run(message.id, operation))

    async def _complete(self, message: Message) -> None:
        running = self._running.pop(message.id, None)
        if running is not None:
            await _ended([running[1]])

    async def _run(self, id_: str, operation: Operation) -> None:
        try:
            last = await operation.run()
            self._running.pop(id_, None)  # first: with the last message its id is free
            await self.send(last)
        except ClosedError as closed:
            self.close(closed)
        except WebSocketDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, this socket ends and no other
            self._break(error)

    async def _check_again(self) -> None:
        """Read the caller anew; what she may not see any more ends."""
        try:
            await self.caller()
            for id_, (operation, task) in tuple(self._running.items()):
                refused = await operation.refused_now()
                if refused is not None and self._running.pop(id_, None) is not None:
                    await _ended([task])
                    await self.send(refused)
        except ClosedError as closed:
            self.close(closed)
        except WebSocketDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, this socket ends and no other
            self._break(error)

    async def _recognized(self) -> Remembered:
        try:
            return await recognized(self._connection)
        except RefusedError as refused:
            code = Code.TRY_AGAIN if refused.kind is Kind.UNAVAILABLE else Code.FORBIDDEN
            raise ClosedError(code, refused.message) from refused
        except CONNECTION_ERRORS as error:
            raise ClosedError(Code.TRY_AGAIN, _AWAY) from error

    def _has_expired(self, known: Remembered, now: datetime) -> bool:
        """A token's time; a session's limits are read from the database."""
        return known.keys is not None and now >= known.good_until

    def _check_init(self) -> None:
        if self._state is State.CONNECTED:
            self.close(ClosedError(Code.INIT_TIMEOUT, "Connection initialisation timeout"))

    def _break(self, error: Exception) -> None:
        if isinstance(error, CONNECTION_ERRORS):
            self.close(ClosedError(Code.TRY_AGAIN, _AWAY))
            return
        _log.error("a subscription's socket failed", exc_info=error)
        self.close(ClosedError(Code.INTERNAL, "Something broke on our side. Connect again."))

    async def _say_goodbye(self, why: ClosedError) -> None:
        """Also to a reader who is slow; one who doesn't read at all is not waited for."""
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(STALL_SECONDS):
                await self._websocket.close(why.code, why.reason)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    current = asyncio.current_task()
    others = [task for task in tasks if task is not current]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
