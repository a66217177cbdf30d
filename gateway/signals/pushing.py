"""Pushes what waits for a stream (RFC 8935): one process at a time, each person's events one after the other.

A stream is claimed for a minute. Events of different people are sent side by side; where one can't be told now, the
stream waits, and goes on later with the same event. Sent is recorded after the answer: a process that dies between the
two leaves an event that is sent once more, under the same `jti`.
"""

import asyncio
import random
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast
from uuid import UUID

import orjson

from gateway.logging import logger
from gateway.oidc.keys.ring import KeyRing, KeySet
from gateway.oidc.keys.sealing import SealError
from gateway.outgoing import Answer, OutgoingError, call
from gateway.signals.headers import opened_header
from gateway.signals.lanes import Lane, sections
from gateway.signals.readying import ready
from gateway.signals.sets import ALG, MEDIA_TYPE, signed_set
from gateway.state import Gateway
from policy.signals import Outcome, again_in, judged
from store.signal_deliveries import Delivery, Failure, claim, delivered, fail, keep, let_go, refuse
from store.signal_streams import Method, Stream, stream_by_id

_log = logger("hallpass.signals")
_LEASE: Final = timedelta(seconds=60)
_MARGIN: Final = timedelta(seconds=20)
"""Longer than a call may take: nothing is sent by whoever may have lost the stream meanwhile."""
BATCH: Final = 100
_AT_ONCE: Final = 8
_MOST_ANSWER: Final = 4_096


class Call(Protocol):
    """How events leave the house; see `gateway.outgoing.call`."""

    def __call__(
        self,
        issuer: str,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        most_bytes: int = _MOST_ANSWER,
    ) -> Awaitable[Answer]: ...


@dataclass(slots=True)
class Pusher:
    """One process's pushing."""

    gateway: Gateway
    keys: KeyRing
    call: Call = call
    drawn: Any = field(default=random.random)
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.id = self.gateway.new_id()

    async def push_one(self) -> bool:
        """Work on one stream that is due, as long as there is something to tell. False: none is due."""
        now = self.gateway.now()
        async with self.gateway.pool.acquire() as connection:
            stream = await claim(connection, self.id, now, now + _LEASE)
        if stream is None:
            return False
        try:
            while await self._push_batch(stream):
                pass
        finally:
            async with self.gateway.pool.acquire() as connection:
                await let_go(connection, stream, self.id)
        return True

    async def _push_batch(self, stream_id: UUID) -> bool:
        """Whether there may be more to tell now."""
        until = self.gateway.now() + _LEASE
        async with self.gateway.pool.acquire() as connection:
            stream = await stream_by_id(connection, stream_id)
            if stream is None or not stream.served or stream.configuration.method is not Method.PUSH:
                return False
            if not await keep(connection, stream_id, self.id, until):
                return False
            batch = (await ready(self.gateway, connection, stream, BATCH))[:BATCH]
            keys = await self.keys.at(self.gateway.now(), connection)
        if not batch:
            return False
        sending = _Sending(self, stream, keys, until)
        for lanes in sections(batch):
            await sending.send(lanes)
        return await sending.finish()


@dataclass(slots=True)
class _Sending:
    """One batch of a stream on its way."""

    pusher: Pusher
    stream: Stream
    keys: KeySet
    until: datetime
    failed: dict[int, str] = field(default_factory=dict[int, str])

    @property
    def over(self) -> bool:
        return bool(self.failed) or self.pusher.gateway.now() >= self.until - _MARGIN

    async def send(self, lanes: list[Lane[Delivery]]) -> None:
        """All of a section; less where the receiver can't be told now."""
        slots = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for lane in lanes:
                tasks.create_task(self._send_lane(lane, slots))

    async def finish(self) -> bool:
        """Record what failed. Whether the stream goes on now."""
        if not self.failed:
            return True
        gateway = self.pusher.gateway
        now = gateway.now()
        error = next(iter(self.failed.values()))
        again_at = now + again_in(self.stream.failures + 1, self.pusher.drawn())
        async with gateway.pool.acquire() as connection:
            await fail(connection, self.stream.id, Failure(tuple(self.failed), error, again_at), now)
        _log.warning("a receiver of signals can't be told now", client=self.stream.client.client_id, reason=error)
        return False

    async def _send_lane(self, lane: Lane[Delivery], slots: asyncio.Semaphore) -> None:
        async with slots:
            for event in lane:
                if self.over or not await self._send_one(event):
                    return

    async def _send_one(self, event: Delivery) -> bool:
        """Whether the next one of the same person may follow."""
        gateway = self.pusher.gateway
        outcome, error = await self._answered(event)
        gateway.signals.count(self.stream.client.client_id, outcome)
        if outcome is Outcome.LATER:
            self.failed[event.number] = error
            return False
        async with gateway.pool.acquire() as connection:
            if outcome is Outcome.DELIVERED:
                await delivered(connection, self.stream.id, [event.number], gateway.now())
            else:
                await refuse(connection, self.stream.id, event.number, error, gateway.now())
        return True

    async def _answered(self, event: Delivery) -> tuple[Outcome, str]:
        issuer = self.pusher.gateway.settings.issuer
        key = self.keys.signer(ALG, self.pusher.gateway.now())
        token = signed_set(event, key, issuer, self.stream.client.client_id, self.stream.id)
        try:
            answer = await self.pusher.call(
                issuer, "POST", self.stream.configuration.endpoint_url or "", body=token.encode(),
                headers=self._headers(), most_bytes=_MOST_ANSWER,
            )  # fmt: skip
        except OutgoingError as problem:
            return Outcome.LATER, "not permitted" if problem.lasting else "not reached"
        except SealError:
            return Outcome.LATER, "header unreadable"
        return judged(answer.status, _error_of(answer), event.attempts)

    def _headers(self) -> Mapping[str, str]:
        headers = {"Content-Type": MEDIA_TYPE, "Accept": "application/json"}
        sealed = self.stream.configuration.sealed_header
        if sealed is not None:
            headers["Authorization"] = opened_header(self.pusher.gateway.secret_key, sealed, self.stream.id)
        return headers


def _error_of(answer: Answer) -> str | None:
    """`err` of RFC 8935 section 2.3."""
    try:
        found: object = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    error = cast("dict[str, object]", found).get("err") if isinstance(found, dict) else None
    return error if isinstance(error, str) else None
