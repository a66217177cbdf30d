"""Recovery codes on the one page that ever shows them, and what is told and kept of changes of one's own factors."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from gateway.observation import request_id_of
from gateway.pages import render
from gateway.state import gateway_of
from policy.ids import UserId
from store.audit import AuditEvent, record
from store.database import Connection
from store.outbox import MailOrder, queue_mail


def codes_page(request: Request, codes: Sequence[str], done: Response) -> Response:
    """The page, with the cookies of the answer in whose place it is shown and a link to where that would have led.

    Without codes to show (there are some from before) it is that answer itself.
    """
    if not codes:
        return done
    page = render(request, "signin/second_step/codes.html", {"codes": codes, "onward": done.headers["location"]})
    page.raw_headers.extend((name, value) for name, value in done.raw_headers if name == b"set-cookie")
    return page


async def tell(request: Request, connection: Connection, user: UserId, action: str, template: str) -> None:
    """Audit what the person did to her own factors, and mail her a notice (NIST SP 800-63B-4 4.6)."""
    gateway, request_id = gateway_of(request), request_id_of(request.scope) or None
    await record(connection, AuditEvent(action, "user", str(user), actor=user, request_id=request_id))
    await queue_mail(connection, gateway.new_id(), MailOrder(template, user, request_id=request_id))
