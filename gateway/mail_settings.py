"""What a deployment chooses about mail and the work beside requests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path

from gateway import settings_values as values

STARTTLS, TLS, NONE = "starttls", "tls", "none"
_HOST = re.compile(r"[A-Za-z0-9.:_-]+")


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """The fields of `gateway.settings.Settings` about mail; without slots, which only one base of a class may have."""

    jobs: bool = True
    """Whether serving processes work off the outbox and do the daily jobs; else `hallpass work` does."""
    smtp_host: str | None = None
    """None: in demo mode mails go to a page, else they wait in the outbox."""
    smtp_port: int = 587
    smtp_security: str = STARTTLS
    """`starttls` and `tls` never fall back to plain text; `none` is for a server on the same machine or network."""
    smtp_user: str | None = None
    smtp_password: str | None = field(default=None, repr=False)
    smtp_ca: Path | None = None
    """Certificates by which the server's is judged; None: the system's."""
    smtp_timeout: int = 30
    """Seconds for one mail, from connecting to the server's answer."""
    mail_from: str = ""
    """`Name <address>` or an address."""
    mail_reply_to: str = ""
    mails_per_second: int = 10
    """Over all processes."""


def mailbox(text: str) -> str:
    """One address of RFC 5322 §3.4, with or without a name."""
    name, address = parseaddr(text) if text.isprintable() else ("", "")
    try:
        parsed = Address(display_name=name, addr_spec=address)
    except (ValueError, HeaderParseError, IndexError):
        parsed = None
    if parsed is None or not parsed.username or "." not in parsed.domain or not address.isascii():
        raise ValueError(f"is {text!r}: write an address such as no-reply@state.example, or Name <address>.")
    return str(parsed)


def mail_host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"is {text!r}: write the mail server's host name alone, without smtp:// or a port.")
    return text


def _kept(text: str) -> str:
    return text


PARSERS: Mapping[str, values.Parser] = {
    "jobs": values.switch,
    "smtp_host": mail_host,
    "smtp_port": values.whole_number(1, 65_535),
    "smtp_security": values.one_of(STARTTLS, TLS, NONE),
    "smtp_user": _kept,
    "smtp_password": _kept,
    "smtp_ca": values.file,
    "smtp_timeout": values.whole_number(1, 300),
    "mail_from": mailbox,
    "mail_reply_to": mailbox,
    "mails_per_second": values.whole_number(1, 1_000),
}


def mail_problems(parsed: Mapping[str, object]) -> list[str]:
    """What only shows when two of them are read side by side."""
    problems: list[str] = []
    user, password = parsed.get("smtp_user"), parsed.get("smtp_password")
    if parsed.get("smtp_host") and not parsed.get("mail_from"):
        problems.append(
            "HALLPASS_MAIL_FROM is required with HALLPASS_SMTP_HOST: write the address that mails come from."
        )
    if (user is None) != (password is None):
        problems.append("HALLPASS_SMTP_USER and HALLPASS_SMTP_PASSWORD belong together: write both, or neither.")
    if user is not None and parsed.get("smtp_security") == NONE:
        problems.append(
            "HALLPASS_SMTP_SECURITY is none and HALLPASS_SMTP_USER is set: a password is never sent in plain text, "
            "so write starttls or tls."
        )
    return problems
