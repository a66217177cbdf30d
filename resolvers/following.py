"""What a subscription hands out: its events one by one, and a sign by which it is judged whether they may still be told."""

from collections.abc import AsyncIterator
from typing import Protocol, TypeVar

Event = TypeVar("Event", covariant=True)


class Source(Protocol[Event]):
    """The events of one subscription; `probe` is one that tells nothing, to ask whether she may still have them."""

    def __aiter__(self) -> AsyncIterator[Event]: ...
    async def __anext__(self) -> Event: ...
    async def aclose(self) -> None: ...
    def probe(self) -> Event: ...
