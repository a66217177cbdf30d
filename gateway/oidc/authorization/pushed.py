"""A pushed authorization request at the authorize endpoint, found by its reference (RFC 9126 section 4)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.oidc.authorization.request import UnreturnableError
from gateway.oidc.authorization.sign_in_stamp import OWN_PARAMETERS
from gateway.oidc.parameters import Parameters
from store.database import Connection
from store.pushed_requests import open_pushed_request

PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
ANSWERED_WITHIN: Final = timedelta(hours=1)
"""So long the person may take on the way through sign-in, second step and consent."""
_GONE: Final = "This request to sign in was used before, has expired, or is not one of the system that sent you here."


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is asked for. `pushed`: the SHA-256 of a pushed request's reference; None: it stood in the address."""

    parameters: Parameters
    pushed: bytes | None = None


def request_hash(reference: str) -> bytes:
    """How references are kept; each holds 256 random bits."""
    return hashlib.sha256(reference.encode()).digest()


async def resolved(connection: Connection, parameters: Parameters, now: datetime) -> Resolved:
    """The parameters that count: of a pushed request only those that were pushed, and our own that lead back to it.

    Raises UnreturnableError for a reference that isn't good (any more): nothing says where an answer might go.
    """
    uri = parameters.get("request_uri", "")
    if not uri.startswith(PREFIX) or {"request_uri", "client_id"} & parameters.repeated:
        return Resolved(parameters)
    pushed = request_hash(uri.removeprefix(PREFIX))
    found = await open_pushed_request(connection, pushed, parameters.get("client_id", ""), now, ANSWERED_WITHIN)
    if found is None:
        raise UnreturnableError(_GONE)
    ours = {name: parameters[name] for name in OWN_PARAMETERS if name in parameters}
    return Resolved(Parameters((dict(found) | ours).items()), pushed)
