"""Refresh tokens read and replaced: those of one moment together, in one statement each, durable before any answer."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import DeadlockDetectedError
from starlette.requests import HTTPConnection

from gateway.state import gateway_of, kept_in
from gateway.together import Together
from store.authorizations import PresentedRefreshToken, presented_refresh_tokens, rotate_refresh_tokens
from store.database import Pool

_Rotation = tuple[bytes, bytes, datetime]
"""The token's hash, its successor's, and when."""


class Refreshing:
    """The caller holds no connection."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._read = Together[bytes, PresentedRefreshToken](self._read_all, at_once=1)
        self._rotate = Together[_Rotation, bool](self._rotate_all, lambda asked: asked[0], at_once=1)

    async def presented(self, token_hash: bytes) -> PresentedRefreshToken:
        return await self._read.ask(token_hash)

    async def rotate(self, token_hash: bytes, successor: bytes, now: datetime) -> bool:
        """Put a successor in a refresh token's place; False: it was used, or the authorization was revoked."""
        return await self._rotate.ask((token_hash, successor, now))

    async def _read_all(self, token_hashes: Sequence[bytes]) -> Sequence[PresentedRefreshToken]:
        async with self._pool.acquire() as connection:
            return await presented_refresh_tokens(connection, token_hashes)

    async def _rotate_all(self, asked: Sequence[_Rotation]) -> Sequence[bool]:
        now = max(when for _, _, when in asked)
        async with self._pool.acquire() as connection:
            try:
                won = await rotate_refresh_tokens(connection, [one[:2] for one in asked], now)
            except DeadlockDetectedError:
                # another process replaces some of the same tokens, in another order; nothing was written, so one by one
                each = [await rotate_refresh_tokens(connection, [one[:2]], now) for one in asked]
                won = frozenset[bytes]().union(*each)
        return [token_hash in won for token_hash, _, _ in asked]


def refreshing_of(request: HTTPConnection) -> Refreshing:
    """The one of the application that serves this request."""
    return kept_in(request.app, "refreshing", lambda: Refreshing(gateway_of(request).pool))
