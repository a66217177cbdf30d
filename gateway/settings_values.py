"""Parsers of setting values: text in, value out, or a ValueError that continues the sentence "HALLPASS_X …"."""

import base64
import binascii
import ipaddress
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit
from zoneinfo import ZoneInfo

Parser = Callable[[str], object]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SECRET_KEY_BYTES = 32
_DEFAULT_PORTS = {"http": 80, "https": 443}


def database_url(text: str) -> str:
    """A PostgreSQL address; never quoted in the message, for it holds a password."""
    parts = _split(text)
    named_host = parts.hostname or "host" in parse_qs(parts.query)
    if parts.scheme not in ("postgresql", "postgres") or not named_host or len(parts.path) < 2:
        raise ValueError("is not a PostgreSQL address: write postgresql://user:password@host:5432/database.")
    return text


def directory(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError(f"is {text!r}, a relative path: write a directory that begins with /.")
    if path.exists() and not path.is_dir():
        raise ValueError(f"is {text!r}, which is a file: write a directory.")
    return path


def file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute() or not path.is_file():
        raise ValueError(f"is {text!r}: write the path of a file that is there, beginning with /.")
    return path


def issuer(text: str) -> str:
    """An issuer as OpenID Connect Discovery 1.0 §3 wants it, narrowed to an origin; plain http for loopback only."""
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"is {text!r}, not a web address: write https:// and the host name that people use.")
    if parts.path or "?" in text or "#" in text or "@" in parts.netloc:
        raise ValueError(f"is {text!r}: write scheme, host and port only, without a path, slash, query or fragment.")
    if text != text.lower() or parts.port == _DEFAULT_PORTS[parts.scheme] or parts.netloc.endswith(":"):
        raise ValueError(f"is {text!r}: write it in lower case and without the scheme's own port.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f"is {text!r}: plain http is for localhost only; write an https:// address.")
    return text


def is_loopback(hostname: str) -> bool:
    """Whether a host name can only mean this machine."""
    if hostname == "localhost" or hostname.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False


def host(text: str) -> str:
    if any(character in text for character in "/: ") and not _is_ipv6(text):
        raise ValueError(f"is {text!r}: write the address to listen on, such as localhost or 0.0.0.0, without a port.")
    return text


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"is {text!r}: write a whole number from {least} to {most}.")
        return int(text)

    return parse


def share(text: str) -> float:
    """A part of a whole: 0 for none, 1 for all."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise ValueError(f"is {text!r}: write a number from 0 (none) to 1 (all).")
    return found


def switch(text: str) -> bool:
    answers = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if text.lower() not in answers:
        raise ValueError(f"is {text!r}: write true or false.")
    return answers[text.lower()]


def secret_key(text: str) -> bytes:
    """32 bytes in base64url, padded or not; never quoted in the message."""
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != SECRET_KEY_BYTES:
        raise ValueError("is not 32 bytes in base64url: write what `openssl rand -base64 32 | tr '+/' '-_'` prints.")
    return key


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"is {text!r}: write one of {', '.join(words)}.")
        return text.lower()

    return parse


def networks(text: str) -> tuple[Network, ...]:
    """Addresses or networks with commas between."""
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in text.split(","))
    except ValueError as error:
        raise ValueError(
            f"is {text!r}: write addresses or networks such as 10.0.0.0/8, with commas between."
        ) from error


def time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"is {text!r}, not a time zone: write an IANA name such as America/Los_Angeles.") from error


def _split(text: str) -> SplitResult:
    """The parts of an address; an address that can't be split has none."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False
