"""What systems were given for the same request before: judged once for each version of the registrations."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from gateway.oidc.client.memory import client_memory_of
from gateway.oidc.token.client_credentials import SystemGrant
from gateway.recent import Recent
from gateway.state import kept_in

_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Given:
    version: int
    grant: SystemGrant


async def given_before(request: Request, key: bytes) -> SystemGrant | None:
    """What the request whose `request_key` this is was given, where no registration has changed since; else None."""
    found = _memory_of(request).get(key)
    if found is None:
        return None
    return found.grant if found.version == await client_memory_of(request).version() else None


def remember_given(request: Request, key: bytes, version: int, grant: SystemGrant) -> None:
    """`version`: of the registrations that the grant was judged by."""
    _memory_of(request).put(key, _Given(version, grant))


def _memory_of(request: Request) -> Recent[bytes, _Given]:
    """The one of the application that serves this request."""
    return kept_in(request.app, "systems_granted", lambda: Recent[bytes, _Given](_MOST))
