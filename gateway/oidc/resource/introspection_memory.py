"""Answers of the introspection endpoint that this process still has: a statement proves that they still hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.requests import Request

from gateway.access_cache import today_of
from gateway.oidc.keys.ring import KeySet, key_ring_of
from gateway.recent import Recent
from gateway.state import gateway_of, kept_in
from gateway.together import Together
from store.database import Pool
from store.introspection import Question, read_marks

_MOST: Final = 20_000
_LONGEST: Final = 65_536
"""Bytes of an answer that is kept: somebody with 400 posts is told anew each time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer to a caller that proved itself by a secret, and until when it may hold."""

    body: bytes
    question: Question
    mark: str
    """As it was before the facts were read."""
    keys: KeySet
    today: date
    good_until: datetime


class IntrospectionMemory:
    """By the digest of the whole request, secret and token included."""

    def __init__(self, pool: Pool, most: int = _MOST) -> None:
        self._pool = pool
        self._kept = Recent[bytes, Kept](most)
        self._marks = Together[Question, str | None](self._read_marks)

    def get(self, key: bytes) -> Kept | None:
        return self._kept.get(key)

    def put(self, key: bytes, kept: Kept) -> None:
        if len(kept.body) <= _LONGEST:
            self._kept.put(key, kept)

    def drop(self, key: bytes) -> None:
        self._kept.drop(key)

    async def mark(self, question: Question) -> str | None:
        """What the answer rests on, read after the call. The caller holds no connection."""
        return await self._marks.ask(question)

    async def _read_marks(self, questions: Sequence[Question]) -> Sequence[str | None]:
        async with self._pool.acquire() as connection:
            return await read_marks(connection, questions)


def memory_of(request: Request) -> IntrospectionMemory:
    """The one of the application that serves this request."""
    return kept_in(request.app, "introspection_memory", lambda: IntrospectionMemory(gateway_of(request).pool))


async def kept_answer(request: Request, key: bytes) -> bytes | None:
    """The answer, where nothing that it rests on has changed; None: it must be worked out."""
    memory, gateway = memory_of(request), gateway_of(request)
    kept = memory.get(key)
    if kept is None:
        return None
    now = gateway.now()
    if now >= kept.good_until or kept.today != today_of(gateway.settings, now):
        memory.drop(key)
        return None
    if kept.keys is not key_ring_of(request).known(now):
        return None
    if await memory.mark(kept.question) == kept.mark:
        return kept.body
    memory.drop(key)
    return None
