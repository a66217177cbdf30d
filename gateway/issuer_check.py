"""Whether the issuer's address leads here: its name resolves, and what answers there calls itself so."""

import asyncio
import socket
from typing import Final
from urllib.parse import urlsplit

import httpx2
import orjson

_SECONDS: Final = 5.0
_METADATA: Final = "/.well-known/openid-configuration"


async def issuer_problem(issuer: str) -> str | None:
    """A sentence when the address is wrong; nothing answering is no problem, for the gateway may be stopped."""
    parts = urlsplit(issuer)
    try:
        await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443)
    except socket.gaierror:
        return f"The issuer's host name {parts.hostname} has no address: correct HALLPASS_ISSUER or the DNS."
    try:
        async with httpx2.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
            answer = await client.get(issuer + _METADATA)
    except (httpx2.ConnectError, httpx2.TimeoutException) as error:
        if "CERTIFICATE" in str(error).upper():
            return f"The certificate at {issuer} is not trusted here: install the one of that host name."
        return None
    except httpx2.HTTPError as error:
        return f"What answers at {issuer} does not speak HTTP as expected ({type(error).__name__}): look at the proxy."
    return _answer_problem(issuer, answer)


def _answer_problem(issuer: str, answer: httpx2.Response) -> str | None:
    try:
        metadata: object = orjson.loads(answer.content) if answer.status_code == 200 else None
    except orjson.JSONDecodeError:
        metadata = None
    if not isinstance(metadata, dict):
        return f"Something else than this gateway answers at {issuer}: correct HALLPASS_ISSUER or the proxy."
    if metadata.get("issuer") != issuer:  # pyright: ignore[reportUnknownMemberType]
        return f"The gateway at {issuer} has another issuer: give all its processes the same HALLPASS_ISSUER."
    return None
