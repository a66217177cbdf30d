"""The box of demo mode: keeps the newest mails for a page instead of sending them."""

from email.message import EmailMessage

from gateway.state import Gateway
from store.demo_mails import DemoMail, insert_demo_mail


async def keep_demo_mail(gateway: Gateway, message: EmailMessage, address: str) -> None:
    """In place of a mail server. Its links are good: in demo mode everybody may act as anybody."""
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
        await insert_demo_mail(connection, mail)
