"""Calls from the gateway to addresses that a registration names: checked where they lead, bounded, never redirected.

Whoever registers an address must not reach by it what only this host reaches (server-side request forgery). So the name
is resolved here, each of its addresses is judged, and the connection goes to a judged address: a second look-up could
answer differently. Certificates are judged for the name.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import httpx2

from gateway.settings_values import is_loopback

SECONDS: Final = 10.0
"""For the whole call, name look-up included."""
MOST_BYTES: Final = 65_536
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_PROTOCOLS: Final = ipaddress.ip_network("192.0.0.0/24")
_UNICAST: Final = ipaddress.ip_network("2000::/3")
_6TO4: Final = ipaddress.ip_network("2002::/16")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutgoingError(Exception):
    """Why no answer came, as one sentence. `lasting`: another attempt would end alike."""

    def __init__(self, sentence: str, *, lasting: bool = False) -> None:
        super().__init__(sentence)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    """Also 3xx: no redirect is followed."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


def address_fault(url: str, issuer: str) -> str | None:
    """Why no call may go to this address, as one sentence; None: one may, where its name leads to a permitted place.

    Plain http is for loopback addresses under an issuer that is one itself.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"{url!r} is not a web address: write https:// with host and path."
    if (
        parts.scheme not in _PORTS
        or not host
        or not url.isascii()
        or not url.isprintable()
        or "\\" in url
        or " " in url
    ):
        return f"{url!r} is not a web address: write https:// with host and path."
    if parts.username is not None or "#" in url:
        return f"{url!r} has a user name or fragment: write the address without."
    if parts.scheme == "http" and not (is_loopback(host) and _serves_loopback(issuer)):
        return f"{url!r} is plain http: write https://."
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return None
    return None if is_permitted(literal, issuer) else f"{url!r} is an address inside of a network: write a public one."


def is_permitted(address: Address, issuer: str) -> bool:
    """Whether a call may go there: the public Internet; where the issuer is loopback, this machine and its networks."""
    address = _meant(address)
    if _is_public(address):
        return True
    special = address.is_link_local or address.is_unspecified or address.is_multicast or address.is_reserved
    return _serves_loopback(issuer) and (address.is_loopback or (address.is_private and not special))


async def call(
    issuer: str,
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    most_bytes: int = MOST_BYTES,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """What the address answers, at most `most_bytes` of it. `trust` None: the certificates that this host trusts.

    Raises OutgoingError.
    """
    fault = address_fault(url, issuer)
    if fault is not None:
        raise OutgoingError(fault, lasting=True)
    try:
        async with asyncio.timeout(SECONDS):
            return await _called(issuer, method, url, body, headers or {}, most_bytes, trust or _trusted())
    except TimeoutError as error:
        raise OutgoingError(f"{_host(url)} did not answer within {SECONDS:.0f} seconds.") from error


async def _called(
    issuer: str,
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    most_bytes: int,
    trust: ssl.SSLContext,
) -> Answer:
    parts = urlsplit(url)
    host = parts.hostname or ""
    judged = await _judged(issuer, host, parts.port or _PORTS[parts.scheme])
    sent = {
        "User-Agent": "Hallpass",
        "Accept-Encoding": "identity",  # an answer's length is what arrives, not what it unpacks to
        **headers,
        "Host": parts.netloc,
        "Connection": "close",
    }
    failure: httpx2.HTTPError | None = None
    async with httpx2.AsyncClient(verify=trust, trust_env=False, follow_redirects=False, timeout=SECONDS) as client:
        for address in judged:
            request = client.build_request(
                method, httpx2.URL(url).copy_with(host=str(address)), content=body, headers=sent,
                extensions={"sni_hostname": host},
            )  # fmt: skip
            try:
                answer = await client.send(request, stream=True)
                return Answer(answer.status_code, _lowered(answer), await _bounded(answer, most_bytes, host))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error  # its next address may be better
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise OutgoingError(f"{host} broke the call off: {type(error).__name__}.") from error
    if failure is not None and "CERTIFICATE" in str(failure).upper():
        raise OutgoingError(f"The certificate of {host} is not trusted here.") from failure
    raise OutgoingError(f"{host} could not be reached.") from failure


async def _judged(issuer: str, host: str, port: int) -> list[Address]:
    """The addresses of the host, each of them permitted. One that is not makes all suspicious."""
    try:
        addresses = await resolved(host, port)
    except (OSError, UnicodeError) as error:
        raise OutgoingError(f"The name {host} has no address.") from error
    if not addresses or not all(is_permitted(one, issuer) for one in addresses):
        raise OutgoingError(f"The name {host} leads to an address inside of a network, where no call goes.")
    return addresses


async def resolved(host: str, port: int) -> list[Address]:
    """Each address once, in the system's order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found))


async def _bounded(answer: httpx2.Response, most_bytes: int, host: str) -> bytes:
    kept = bytearray()
    try:
        async for chunk in answer.aiter_raw():
            kept += chunk
            if len(kept) > most_bytes:
                raise OutgoingError(f"{host} answered with more than {most_bytes} bytes.")
    finally:
        await answer.aclose()
    return bytes(kept)


def _lowered(answer: httpx2.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _meant(address: Address) -> Address:
    """The IPv4 address inside of an IPv6 one (RFC 4291 section 2.5.5.2, RFC 6052)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and address not in _6TO4
    return address not in _PROTOCOLS


def _serves_loopback(issuer: str) -> bool:
    return is_loopback(urlsplit(issuer).hostname or "")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: it takes as long as a signature."""
    return ssl.create_default_context()
