"""Codes of an authenticator app (RFC 6238 over RFC 4226): 30 seconds, six digits, one step of drift."""

import base64
import hmac
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_SECONDS: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
"""Steps before and after the present one that are taken, for clocks that differ."""
SECRET_BYTES: Final = 20
"""RFC 4226, section 4, R6."""


def code_at(secret: bytes, step: int) -> str:
    """RFC 4226, section 5.3, for the step's number since 1970."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: bytes, typed: str, now: datetime, after: int) -> int | None:
    """The step whose code was typed, of those within the drift and later than `after`; None: there is none.

    Every step is compared, each in constant time.
    """
    found = None
    present = step_at(now)
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), typed.encode()) and step > after:
            found = step
    return found


def typed_code(text: str) -> str:
    """What was typed without the blanks that apps show between."""
    return "".join(text.split())[: DIGITS + 1]


def secret_text(secret: bytes) -> str:
    """Base32 in groups of four, to be typed into an app."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def app_address(secret: bytes, issuer: str, account: str) -> str:
    """The `otpauth` address that the QR code holds."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    asked = {"secret": secret_text(secret).replace(" ", ""), "issuer": issuer}
    return f"otpauth://totp/{label}?{urlencode(asked, quote_via=quote)}"
