"""Mailed links that can be used now: known, unused, not too old, and made for what they are used for."""

from collections.abc import Collection
from typing import Final

from starlette.requests import Request

from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from store.account_links import AccountLink, LinkPurpose, find_link
from store.database import Connection

_LONGEST_TOKEN: Final = 100


async def open_link(
    request: Request, connection: Connection, token: str, purposes: Collection[LinkPurpose]
) -> AccountLink | None:
    """The link of this token; None: there is none that can be used. What its account's state allows is to be asked."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    return await open_link_by_hash(request, connection, token_hash(token), purposes)


async def open_link_by_hash(
    request: Request, connection: Connection, hashed: bytes, purposes: Collection[LinkPurpose]
) -> AccountLink | None:
    """The same where only the token's hash is at hand."""
    link = await find_link(connection, hashed)
    if link is None or link.used or link.purpose not in purposes:
        return None
    return link if gateway_of(request).now() < link.expires_at else None
