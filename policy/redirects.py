"""Redirect URIs: what may be registered, and when a request's URI is a registered one."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

_WEB = frozenset({"http", "https"})
_HOST = re.compile(r"[a-z0-9._:-]+")
"""What stands in a Content-Security-Policy as it is; other names as A-labels."""
_LONGEST = 2000
"""What browsers and servers take in an address, everywhere."""


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Simple string comparison (RFC 9700 section 2.1); a loopback IP address may differ in port (RFC 8252 7.3)."""
    return any(uri == one or _same_but_for_port(uri, one) for one in registered)


def address_fault(uri: str) -> tuple[str, str] | None:
    """Why a URI can't be registered and what to write instead, as the two halves of a sentence; None: it can be."""
    parts = _split(uri)
    if len(uri) > _LONGEST:
        return f"{uri[:40]!r}… is longer than {_LONGEST} characters", "write a shorter address"
    if parts is None or parts.scheme not in _WEB or not _HOST.fullmatch(parts.hostname or "") or "\\" in uri:
        return f"{uri!r} is not a web address", "write https:// with host and path"
    if parts.username is not None or "#" in uri or "*" in uri or any(c.isspace() or not c.isprintable() for c in uri):
        return f"{uri!r} has a user name, fragment, asterisk or blank", "write the exact address, without them"
    if parts.scheme == "http" and parts.hostname != "localhost" and _loopback(parts) is None:
        return f"{uri!r} is plain http", "only loopback addresses may be; write https://"
    return None


def origin_of(uri: str) -> str | None:
    """Scheme, host and port, as a browser's Origin header says them; None: it has none."""
    parts = _split(uri)
    if parts is None or parts.scheme not in _WEB or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    standard = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, standard) else "")


def _same_but_for_port(uri: str, registered: str) -> bool:
    ours = _loopback_and_rest(registered)
    return ours is not None and ours == _loopback_and_rest(uri)


def _loopback_and_rest(uri: str) -> tuple[str, str] | None:
    """The literal loopback address and everything behind the port, of an http URI without user name."""
    parts = _split(uri)
    address = _loopback(parts) if parts else None
    if parts is None or address is None or parts.scheme != "http":
        return None
    host = f"[{address}]" if ":" in address else address
    port = "" if parts.port is None else f":{parts.port}"
    start = f"http://{host}{port}"
    return (address, uri[len(start) :]) if uri.startswith(start) and uri[len(start) :][:1] in ("", "/", "?") else None


def _loopback(parts: SplitResult) -> str | None:
    try:
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return None
    return str(address) if address.is_loopback else None


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts
