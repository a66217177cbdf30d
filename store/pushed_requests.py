"""Authorization requests that clients pushed (RFC 9126): kept until they are used for a code, or too old."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """It must come to the authorize endpoint until `expires_at`."""

    request_hash: bytes
    client_id: str
    parameters: Mapping[str, str]
    expires_at: datetime


async def insert_pushed_request(connection: Connection, request: PushedRequest, now: datetime) -> None:
    """Some that are over by now make room for it."""
    await connection.execute(
        statements("pushed_requests")["insert"],
        request.request_hash,
        request.client_id,
        dict(request.parameters),
        request.expires_at,
        now,
    )


async def open_pushed_request(
    connection: Connection, request_hash: bytes, client_id: str, now: datetime, answered_within: timedelta
) -> Mapping[str, str] | None:
    """Its parameters, as often as the person comes by; None: there is none of this client, it is too old or used.

    `answered_within`: so long after `expires_at` the person may be done.
    """
    arguments = request_hash, client_id, now, answered_within
    return await connection.fetchval(statements("pushed_requests")["open"], *arguments)


async def pushed_redirect_uri(connection: Connection, request_hash: bytes, client_id: str) -> str | None:
    """Where a request's answer is to go, without opening it; None: there is none of this client, or it is used."""
    return await connection.fetchval(statements("pushed_requests")["redirect_uri"], request_hash, client_id)


async def use_pushed_request(connection: Connection, request_hash: bytes, now: datetime) -> bool:
    """Use it up, in the transaction that gives the code; False: it was used before."""
    return await connection.fetchval(statements("pushed_requests")["use"], request_hash, now) is not None
