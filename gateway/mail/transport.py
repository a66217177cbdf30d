"""Where mails go: to the mail server of the settings, in demo mode without one to a page, else nowhere yet."""

from collections.abc import Awaitable, Callable
from email.message import EmailMessage

from gateway.mail.demo_box import has_demo_box, keep_demo_mail
from gateway.mail.smtp import deliver
from gateway.state import Gateway

Transport = Callable[[Gateway, EmailMessage, str], Awaitable[int | None]]
"""Takes a mail to an address; the server's code, where one answered. Raises DeliveryError."""


def transport_of(gateway: Gateway) -> Transport | None:
    """None: mails wait in the outbox until a mail server is set."""
    if gateway.settings.smtp_host:
        return _by_smtp
    return keep_demo_mail if has_demo_box(gateway.settings) else None


async def _by_smtp(gateway: Gateway, message: EmailMessage, address: str) -> int:
    return await deliver(gateway.settings, message, address)
