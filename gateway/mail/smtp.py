"""Hands one mail to the mail server, and says what came of it: accepted, try again, or never."""

import asyncio
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from gateway.mail_settings import NONE, STARTTLS, TLS
from gateway.settings import Settings
from store.messages import Problem

ACCEPTED: Final = 250
LONGEST_FACTOR: Final = 2
"""Connecting and sending may each take the timeout of the settings."""
_FAREWELL_SECONDS: Final = 5.0
_OURS: Final = frozenset({530, 534, 535, 538})
"""Answers about our own sign-in, whatever they follow (RFC 4954 §6): the same mail passes when that is mended."""


class DeliveryError(Exception):
    """It was not accepted. `lasting`: the same mail would never be; `code`: the server's answer, where it gave one."""

    def __init__(self, problem: Problem, *, lasting: bool, code: int | None = None) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.lasting = lasting
        self.code = code


async def deliver(settings: Settings, message: EmailMessage, address: str) -> int:
    """The code with which the server took responsibility for it (RFC 5321 §4.2.5). Raises DeliveryError."""
    client = await connected(settings)
    try:
        async with asyncio.timeout(settings.smtp_timeout):
            await _send(client, message, sender_of(settings), address)
    except TimeoutError:
        raise DeliveryError(Problem.UNREACHABLE, lasting=False) from None
    finally:
        await leave(client)
    return ACCEPTED


async def connected(settings: Settings) -> SMTP:
    """A session with encryption and sign-in as the settings say. Raises DeliveryError, never a lasting one.

    With `starttls` a server that doesn't offer it is left before anything is said.
    """
    client = SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        timeout=settings.smtp_timeout,
        use_tls=settings.smtp_security == TLS,
        start_tls=settings.smtp_security == STARTTLS,
        tls_context=None if settings.smtp_security == NONE else _tls(settings),
        username=None if settings.smtp_security == NONE else settings.smtp_user,
        password=None if settings.smtp_security == NONE else settings.smtp_password,
        local_hostname=urlsplit(settings.issuer).hostname,
    )
    try:
        async with asyncio.timeout(settings.smtp_timeout):
            await client.connect()
    except (SMTPException, OSError) as error:
        client.close()
        code = error.code if isinstance(error, SMTPResponseException) else None
        raise DeliveryError(_why_not_connected(error), lasting=False, code=code) from None
    return client


def sender_of(settings: Settings) -> str:
    """The envelope's sender."""
    return parseaddr(settings.mail_from)[1]


def _why_not_connected(error: Exception) -> Problem:
    if isinstance(error, ssl.SSLError | SMTPAuthenticationError) or isinstance(error.__cause__, ssl.SSLError):
        return Problem.UNABLE
    if isinstance(error, SMTPResponseException):
        return Problem.LATER
    # A server without STARTTLS is told by the library's plainest error.
    return Problem.UNREACHABLE if isinstance(error, OSError) else Problem.UNABLE


async def _send(client: SMTP, message: EmailMessage, sender: str, address: str) -> None:
    try:
        await client.send_message(message, sender=sender, recipients=[address])
    except SMTPRecipientsRefused as error:
        raise _refused(error.recipients[0].code) from None
    except SMTPNotSupported:
        raise DeliveryError(Problem.UNABLE, lasting=True) from None
    except SMTPResponseException as error:
        raise _refused(error.code) from None
    except (SMTPException, OSError):
        raise DeliveryError(Problem.UNREACHABLE, lasting=False) from None


def _refused(code: int) -> DeliveryError:
    lasting = code >= 500 and code not in _OURS
    return DeliveryError(Problem.REFUSED if lasting else Problem.LATER, lasting=lasting, code=code)


async def leave(client: SMTP) -> None:
    """What was accepted stays accepted, however the farewell goes."""
    with suppress(SMTPException, OSError):
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await client.quit()
    client.close()


def _tls(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(settings.smtp_ca) if settings.smtp_ca else None)
