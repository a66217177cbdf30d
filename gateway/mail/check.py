"""`hallpass doctor`'s looks at mail: the mail server answers as it is set, and no letters lie dead."""

from datetime import datetime
from typing import Final

from gateway.mail.smtp import DeliveryError, connected, leave
from gateway.mail_settings import STARTTLS
from gateway.settings import Settings
from store.connection import Connection
from store.deliveries import count_dead
from store.messages import Problem

_REMEDIES: Final = {
    Problem.UNREACHABLE: "correct HALLPASS_SMTP_HOST or HALLPASS_SMTP_PORT, or let the firewall pass it",
    Problem.LATER: "ask whoever runs it, or try again in a few minutes",
}


async def mail_problem(settings: Settings) -> str | None:
    """Connects and signs in as for a mail, and leaves without sending one.

    None: all is well, or nobody is waiting for mail: in demo mode, and where the issuer is this machine alone.
    """
    if settings.smtp_host is None:
        unset = "No mail server is set, so mails wait in the outbox: set HALLPASS_SMTP_HOST and HALLPASS_MAIL_FROM."
        return None if settings.demo or not settings.https else unset
    try:
        await leave(await connected(settings))
    except DeliveryError as error:
        return _sentence(settings, error)
    return None


async def no_dead_letters(connection: Connection, now: datetime) -> str | None:
    dead = await count_dead(connection)
    if not dead:
        return None
    return (
        f"Given up: {dead:,} of the mails. Look at them as the help desk (mails, retryMail), mend the cause and retry."
    )


def _sentence(settings: Settings, error: DeliveryError) -> str:
    where = f"The mail server {settings.smtp_host}:{settings.smtp_port}"
    if error.problem is Problem.UNABLE and error.code is not None:
        return f"{where} refuses the sign-in ({error.code}): correct HALLPASS_SMTP_USER or HALLPASS_SMTP_PASSWORD."
    if error.problem is Problem.UNABLE:
        wanted = "STARTTLS" if settings.smtp_security == STARTTLS else "TLS"
        return (
            f"{where} can't be spoken to with {wanted} by a certificate that is trusted here: "
            "correct HALLPASS_SMTP_SECURITY or HALLPASS_SMTP_CA."
        )
    said = f"answers {error.code}" if error.code else "doesn't answer"
    return f"{where} {said}: {_REMEDIES[error.problem]}."
