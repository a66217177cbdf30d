"""`/signin/invitation`: a single-use link with which an invited person sets the first password and is signed in."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.observation import request_id_of
from gateway.signin.account_addresses import INVITATION_PATH, LIFE, link_address
from gateway.signin.assurance import PASSWORD
from gateway.signin.link_page import LinkPage
from gateway.signin.next_path import START
from gateway.signin.proof import Proof, after_proof
from gateway.state import gateway_of
from policy.accounts import AccountAction
from store.access_version import raise_versions
from store.account_links import AccountLink, LinkPurpose, consume_link
from store.audit import AuditEvent, record
from store.sign_in import accept_invitation

PATH: Final = INVITATION_PATH
PURPOSE: Final = LinkPurpose.INVITATION
INVITATION_LIFE: Final = LIFE[PURPOSE]


def invitation_address(issuer: str, token: str) -> str:
    """The link as it is printed or mailed."""
    return link_address(issuer, PURPOSE, token)


async def _accept(request: Request, link: AccountLink, token: bytes, hashed: str) -> Response | None:
    """303 to the start page, signed in, or to what is asked besides."""
    gateway = gateway_of(request)
    now = gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        if await consume_link(connection, token, now) is None:
            return None
        if not await accept_invitation(connection, link.user, hashed, now):
            return None
        event = AuditEvent(
            "acceptInvitation", "user", str(link.user), actor=link.user, request_id=request_id_of(request.scope)
        )
        await record(connection, event)
        await raise_versions(connection, (link.user,))
        return await after_proof(request, connection, Proof(link.user, (PASSWORD,), by_mail=True), START)


PAGE: Final = LinkPage(
    PURPOSE, AccountAction.ACCEPT_INVITATION, "signin/first_password.html", "signin/invitation_gone.html", _accept
)
