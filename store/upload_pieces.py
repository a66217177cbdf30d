"""A file and its report in pieces: written and read one by one, so that memory stays flat whatever their size."""

from collections.abc import AsyncIterator
from enum import StrEnum
from uuid import UUID

from store.connection import Connection
from store.statements import statements

PIECE_BYTES = 1_048_576
_SQL = "uploads"


class Part(StrEnum):
    FILE = "file"
    """As it came."""
    REPORT = "report"
    """CSV, each piece compressed by zlib on its own."""


async def add_piece(connection: Connection, upload: UUID, part: Part, number: int, data: bytes) -> None:
    """Pieces are numbered from 0."""
    await connection.execute(statements(_SQL)["add_chunk"], upload, part.value, number, data)


async def delete_pieces(connection: Connection, upload: UUID, part: Part) -> None:
    await connection.execute(statements(_SQL)["delete_chunks"], upload, part.value)


async def read_piece(connection: Connection, upload: UUID, part: Part, number: int) -> bytes | None:
    """None: there is no such piece, the one before was the last."""
    return await connection.fetchval(statements(_SQL)["chunk"], upload, part.value, number)


async def pieces(connection: Connection, upload: UUID, part: Part) -> AsyncIterator[bytes]:
    number = 0
    while (data := await read_piece(connection, upload, part, number)) is not None:
        yield data
        number += 1
