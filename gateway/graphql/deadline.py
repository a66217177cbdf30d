"""The time that one request may take: what runs longer is canceled, in the database as well."""

import asyncio
from types import TracebackType

from gateway.refusals import Kind, RefusedError


class Deadline:
    """Cancels what is inside after that many seconds; the driver then cancels the running statement at the server.

    Raises RefusedError (DEADLINE).
    """

    __slots__ = ("_running", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._running.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._running.__aexit__(kind, error, trace)
        except TimeoutError as late:
            text = (
                f"The request took longer than {self._seconds:g} s and was stopped. "
                "Ask for less at once; after a mutation, see first whether the change was made."
            )
            raise RefusedError(Kind.DEADLINE, text) from late
