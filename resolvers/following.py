"""What a subscription hands out: its events, and a sign by which it is judged whether they may still be told."""

from collections.abc import AsyncIterator
from typing import Protocol, TypeVar

Event_co = TypeVar("Event_co", covariant=True)


class Source(Protocol[Event_co]):
    """The events of one subscription; `probe` is one that tells nothing, to ask whether she may still have them."""

    def __aiter__(self) -> AsyncIterator[Event_co]: ...
    async def __anext__(self) -> Event_co: ...
    async def aclose(self) -> None: ...
    def probe(self) -> Event_co: ...
