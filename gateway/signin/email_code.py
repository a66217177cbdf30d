"""The code by e-mail that somebody without a second step types in a browser that isn't known; it proves no factor."""

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from gateway.mail.demo_box import has_demo_box
from gateway.secret_key import subkey
from gateway.settings import Settings
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.outbox import MailOrder, queue_mail
from store.pending_sign_ins import CodeLimits, ask_for_code, put_code, try_code

TEMPLATE: Final = "sign-in-code"
DIGITS: Final = 8
LIFE: Final = timedelta(minutes=10)
"""From the moment when the mail is sent."""
MOST_TRIES: Final = 5
LIMITS: Final = CodeLimits(for_one=4, apart=timedelta(seconds=45), in_an_hour=12)
"""Whoever has the password can't fill its person's mailbox."""


def can_be_mailed(settings: Settings) -> bool:
    """Whether there is a mail server, or the demo's box."""
    return settings.smtp_host is not None or has_demo_box(settings)


async def send_code(
    gateway: Gateway, connection: Connection, pending: UUID, user: UserId, request_id: str | None
) -> bool:
    """Queue a mail with a code, which the worker makes when it sends it; False: one was sent just now, or too many."""
    now = gateway.now()
    if not await ask_for_code(connection, pending, now, LIMITS):
        return False
    order = MailOrder(TEMPLATE, user, {"sign_in": pending}, request_id=request_id or None)
    await queue_mail(connection, gateway.new_id(), order)
    return True


async def make_code(gateway: Gateway, connection: Connection, pending: UUID) -> str | None:
    """The code for a mail that is sent now; those before are worth nothing. None: nobody waits for it any more."""
    now = gateway.now()
    code = str(int.from_bytes(sha256(gateway.new_token().encode()).digest()) % 10**DIGITS).zfill(DIGITS)
    kept = await put_code(connection, pending, _hash(gateway, pending, code), now + LIFE, now)
    return code if kept else None


async def is_right_code(gateway: Gateway, connection: Connection, pending: UUID, typed: str) -> bool:
    """Counts the guess, and compares in constant time."""
    kept = await try_code(connection, pending, gateway.now(), MOST_TRIES)
    code = "".join(typed.split())[: DIGITS + 1]
    return kept is not None and hmac.compare_digest(kept, _hash(gateway, pending, code))


def _hash(gateway: Gateway, pending: UUID, code: str) -> bytes:
    """Keyed: eight digits alone are guessed from any hash."""
    return hmac.digest(subkey(gateway.secret_key, "sign-in-codes"), f"{pending} {code}".encode(), "sha256")
