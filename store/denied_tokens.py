"""Access tokens of systems for themselves that were revoked before they expire (RFC 7009)."""

from datetime import datetime
from uuid import UUID

from store.connection import Connection
from store.statements import statements


async def deny_token(connection: Connection, jti: UUID, client_id: str, expires_at: datetime) -> None:
    """From the next request on, in every process: a remembered caller is read anew."""
    await connection.execute(statements("denied_tokens")["deny"], jti, client_id, expires_at)


async def is_denied(connection: Connection, jti: UUID) -> bool:
    return await connection.fetchval(statements("denied_tokens")["denied"], jti)
