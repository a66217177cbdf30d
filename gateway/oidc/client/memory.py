"""Registered clients from memory: true while the registrations' version, read anew each time, is still the same."""

from collections.abc import Sequence

from starlette.requests import HTTPConnection

from gateway.state import gateway_of, kept_in
from gateway.together import Together
from store.database import Pool
from store.registrations import Registration, read_registration, registration_version


class ClientMemory:
    """Bounded by the number of clients that there are: unknown names are not remembered.

    A changed secret, key, scope or address counts from the next question on, in every process: each asks the database
    for the version, and requests of one moment ask once.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: dict[str, Registration] = {}
        self._version = Together[None, int](self._read_version)

    async def version(self) -> int:
        """The registrations' version, read after the call. The caller holds no connection."""
        return await self._version.ask(None)

    async def now(self, client_id: str) -> Registration | None:
        """The registration as it is now; None: there is none. The caller holds no connection."""
        kept = self._kept.get(client_id)
        if kept is not None and kept.version == await self.version():
            return kept
        return await self._read(client_id)

    async def at(self, version: int, client_id: str) -> Registration | None:
        """The registration at a version that the caller has just read, or a later one."""
        kept = self._kept.get(client_id)
        return kept if kept is not None and kept.version == version else await self._read(client_id)

    async def _read(self, client_id: str) -> Registration | None:
        async with self._pool.acquire() as connection:
            found = await read_registration(connection, client_id)
        if found is None:
            self._kept.pop(client_id, None)
        else:
            self._kept[client_id] = found
        return found

    async def _read_version(self, asked: Sequence[None]) -> Sequence[int]:
        async with self._pool.acquire() as connection:
            version = await registration_version(connection)
        return [version] * len(asked)


def client_memory_of(request: HTTPConnection) -> ClientMemory:
    """The one memory of the application that serves this request."""
    return kept_in(request.app, "client_memory", lambda: ClientMemory(gateway_of(request).pool))
