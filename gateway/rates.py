"""Holds callers to rates: so many requests of a kind from one address, and the others wait."""

import hmac

from starlette.requests import HTTPConnection

from gateway.client_address import caller_network
from gateway.secret_key import subkey
from gateway.state import gateway_of
from policy.rates import Rate
from store.connection import Connection
from store.rates import wait_of_rate


async def seconds_to_wait(request: HTTPConnection, connection: Connection, what: str, rate: Rate) -> int | None:
    """Count one more `what` from the caller's address; None: it isn't one too many.

    Under a keyed hash: the table names nobody. Callers on this machine aren't counted: it may be everybody's proxy.
    """
    where = caller_network(request)
    if where is None:
        return None
    gateway = gateway_of(request)
    key = hmac.digest(subkey(gateway.secret_key, "rates"), f"{what} from {where}".encode(), "sha256")
    wait = await wait_of_rate(connection, key, rate, gateway.now())
    return None if wait is None else int(wait.total_seconds()) + 1
