"""The box of demo mode: keeps the newest mails for a page instead of sending them."""

from email.message import EmailMessage

from gateway.demo.sign_ins import has_password
from gateway.mail.smtp import DeliveryError
from gateway.settings import Settings
from gateway.state import Gateway
from store.connection import Connection
from store.demo import holding
from store.demo_mails import DemoMail, insert_demo_mail
from store.messages import Problem


def has_demo_box(settings: Settings) -> bool:
    """Only where the page is on this machine: whoever reads it can use the links in it."""
    return settings.demo and settings.smtp_host is None and has_password(settings)


async def holds_invented_people(connection: Connection) -> bool:
    """A database with people of its own may be served in demo mode, too: nobody shall read their links."""
    return (await holding(connection)).demo_users is not None


async def keep_demo_mail(gateway: Gateway, message: EmailMessage, address: str) -> None:
    """In place of a mail server. Raises DeliveryError where the people aren't invented."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    mail = DemoMail(
        gateway.new_id(),
        gateway.now(),
        address,
        str(message["Subject"]),
        str(text.get_content()) if text else "",
        str(html.get_content()) if html else "",
    )
    async with gateway.pool.acquire() as connection, connection.transaction():
        if not await holds_invented_people(connection):
            raise DeliveryError(Problem.UNABLE, lasting=False)
        await insert_demo_mail(connection, mail)
