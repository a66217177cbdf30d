"""A file that comes in: written piece by piece as it arrives, so that memory stays flat, and known by its digest."""

from hashlib import sha256
from typing import Final
from uuid import UUID

from store.audit import AuditEvent, record
from store.connection import Pool
from store.upload_pieces import PIECE_BYTES, Part, add_piece
from store.uploads import NewUpload, abandon_upload, insert_upload, upload_received

MOST_BYTES: Final = 100 * 1_048_576


class TooLargeError(ValueError):
    """The file is larger than any may be; nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__(f"The file has more than {MOST_BYTES // 1_048_576} MB. Send it in parts.")


class IncomingFile:
    """One file on its way in. `begin` it, `write` what arrives, then `finish`, or `abandon` it."""

    def __init__(self, pool: Pool, new: NewUpload) -> None:
        self._pool = pool
        self._new = new
        self._buffer = bytearray()
        self._digest = sha256()
        self._pieces = 0
        self._size = 0

    @property
    def id(self) -> UUID:
        return self._new.id

    async def begin(self) -> None:
        async with self._pool.acquire() as connection:
            await insert_upload(connection, self._new)

    async def write(self, data: bytes) -> None:
        """Raises TooLargeError."""
        self._size += len(data)
        if self._size > MOST_BYTES:
            raise TooLargeError
        self._digest.update(data)
        self._buffer += data
        while len(self._buffer) >= PIECE_BYTES:
            await self._keep(bytes(self._buffer[:PIECE_BYTES]))
            del self._buffer[:PIECE_BYTES]

    async def finish(self, event: AuditEvent | None = None) -> None:
        """The file is in, whole, and that it came is recorded with it."""
        if self._buffer:
            await self._keep(bytes(self._buffer))
        async with self._pool.acquire() as connection, connection.transaction():
            await upload_received(connection, self.id, self._size, self._digest.digest())
            if event is not None:
                await record(connection, event)

    async def abandon(self) -> None:
        async with self._pool.acquire() as connection:
            await abandon_upload(connection, self.id)

    async def _keep(self, piece: bytes) -> None:
        async with self._pool.acquire() as connection:
            await add_piece(connection, self.id, Part.FILE, self._pieces, piece)
        self._pieces += 1
