"""A letter as a mail: headers that nothing can be slipped into, text and HTML of the same words."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

from gateway.mail.composing import Composed
from gateway.settings import Settings
from store.keys_of import ascii_domain


def enveloped(settings: Settings, id_: UUID, composed: Composed, now: datetime) -> EmailMessage:
    """The mail (RFC 5322). Its Message-ID is the message's own, so that one that is sent twice can be told.

    Raises ValueError for an address that is none.
    """
    address = wire_address(composed.address)
    mail = EmailMessage(policy=SMTP if address.isascii() else SMTPUTF8)
    mail["From"] = settings.mail_from or f"Hallpass <no-reply@{_host(settings)}>"
    mail["To"] = Address(addr_spec=address) if address.isascii() else address
    if settings.mail_reply_to:
        mail["Reply-To"] = settings.mail_reply_to
    mail["Subject"] = composed.letter.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{id_}@{_host(settings)}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no vacation notice answers it
    mail.set_content(composed.letter.text, cte="quoted-printable")
    mail.add_alternative(composed.letter.html, subtype="html", cte="quoted-printable")
    return mail


def wire_address(address: str) -> str:
    """With its domain as ASCII (RFC 5891), so that only a local part in other letters needs SMTPUTF8 (RFC 6531)."""
    local, _, domain = address.rpartition("@")
    if not local or not domain or any(character.isspace() or not character.isprintable() for character in address):
        raise ValueError("This is no e-mail address.")
    return f"{local}@{ascii_domain(domain)}"


def _host(settings: Settings) -> str:
    return urlsplit(settings.issuer).hostname or "localhost"
