"""Where a caller is, as far as that can be believed: what guesses are counted by."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.requests import HTTPConnection

from gateway.settings_values import Network
from gateway.state import gateway_of

_MOST_HOPS: Final = 20


def caller_network(request: HTTPConnection) -> str | None:
    """The IPv4 address or the IPv6 /64 that one site has; None: this machine, behind which may be everybody.

    A proxy's word counts only where the settings name the proxy, and only for the hop before it.
    """
    proxies = gateway_of(request).settings.trusted_proxies
    found = _address(request.client.host if request.client else "")
    if found is not None and _is_in(found, proxies):
        found = _before_proxies(request.headers.getlist("x-forwarded-for"), proxies)
    if found is None or found.is_loopback:
        return None
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _before_proxies(lines: Sequence[str], proxies: Sequence[Network]) -> _Address | None:
    """From the end: the first hop that is none of our proxies. What stands before it anybody may have written."""
    hops = ",".join(lines).split(",")
    for hop in reversed(hops[-_MOST_HOPS:]):
        found = _address(hop.strip())
        if found is None or not _is_in(found, proxies):
            return found
    return None


def _address(text: str) -> _Address | None:
    """Also with a port, as some proxies write it: `192.0.2.1:4711`, `[2001:db8::1]:4711`, `[2001:db8::1]`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _is_in(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address.version == one.version and address in one for one in networks)
