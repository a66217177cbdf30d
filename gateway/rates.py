"""Holds callers to rates: so many requests of a kind from one address or about one thing, and no more."""

import hmac
from collections.abc import Sequence
from datetime import timedelta

from starlette.requests import HTTPConnection

from gateway.client_address import caller_network
from gateway.secret_key import subkey
from gateway.state import gateway_of
from policy.rates import Rate
from store.connection import Connection
from store.rates import wait_of_rate


async def seconds_to_wait(request: HTTPConnection, connection: Connection, what: str, rate: Rate) -> int | None:
    """Count one more `what` from the caller's address; None: it isn't one too many.

    Callers on this machine aren't counted: it may be everybody's proxy.
    """
    where = caller_network(request)
    wait = None if where is None else await _counted(request, connection, f"{what} from {where}", rate)
    return None if wait is None else int(wait.total_seconds()) + 1


async def is_too_many(request: HTTPConnection, connection: Connection, what: str, rates: Sequence[Rate]) -> bool:
    """Count one more `what`, wherever the caller is: in each of the spans until one is full."""
    for rate in rates:
        if await _counted(request, connection, f"{what} in {rate.span}", rate) is not None:
            return True
    return False


async def _counted(request: HTTPConnection, connection: Connection, name: str, rate: Rate) -> timedelta | None:
    """Under a keyed hash: the table names nobody."""
    gateway = gateway_of(request)
    key = hmac.digest(subkey(gateway.secret_key, "rates"), name.encode(), "sha256")
    return await wait_of_rate(connection, key, rate, gateway.now())
