"""Answers of the introspection endpoint that this process still has: a statement proves that they still hold."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from starlette.requests import Request

from gateway.access_cache import today_of
from gateway.oidc.keys import KeySet, key_ring_of
from gateway.oidc.mark_desk import MarkDesk
from gateway.state import gateway_of
from store.introspection import Question

_MOST: Final = 20_000
_LONGEST: Final = 65_536
"""Bytes of an answer that is kept: somebody with 400 posts is told anew each time."""
_READ: Final = frozenset({b"authorization", b"content-type"})


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
    """By the digest of the whole request, secret and token included; least recently asked goes first."""

    def __init__(self, desk: MarkDesk, most: int = _MOST) -> None:
        self.desk = desk
        self._most = most
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()

    def get(self, key: bytes) -> Kept | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: bytes, kept: Kept) -> None:
        if len(kept.body) <= _LONGEST:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, key: bytes) -> None:
        self._kept.pop(key, None)


def memory_of(request: Request) -> IntrospectionMemory:
    """The one of the application that serves this request."""
    state = request.app.state
    if not hasattr(state, "introspection_memory"):
        state.introspection_memory = IntrospectionMemory(MarkDesk(gateway_of(request).pool))
    memory: IntrospectionMemory = state.introspection_memory
    return memory


def request_key(request: Request, body: bytes) -> bytes:
    """The digest of all that the endpoint reads of a request: what was refused is never kept under it."""
    digest = sha256(request.scope["query_string"] + b"\n" + body + b"\n")
    for name, value in request.scope["headers"]:
        if name in _READ:
            digest.update(name + b":" + value + b"\n")
    return digest.digest()


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
    if await memory.desk.read(kept.question) == kept.mark:
        return kept.body
    memory.drop(key)
    return None
