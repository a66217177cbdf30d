"""Launches: the context in which somebody went to a relying party from here, kept for its authorization request."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request

from gateway.signin.context import Context, is_held
from gateway.signin.sessions import token_hash
from gateway.state import gateway_of
from policy.grant import Access
from store.database import Connection
from store.launches import Launch, insert_launch, latest_launch, named_launch
from store.relying_parties import RelyingParty
from store.sessions import Session

PARAMETER: Final = "launch"
"""Our own parameter: goes to the relying party with its launch address, and comes back with its request if it can."""
LAUNCH_LIFE: Final = timedelta(minutes=5)


async def launch(
    request: Request, connection: Connection, session: Session, client: RelyingParty, context: Context
) -> str:
    """Note that the person goes to the relying party in this context. Returns the parameter's value."""
    gateway = gateway_of(request)
    now, token = gateway.now(), gateway.new_token()
    if context.role is not None:
        role, place = context.role, context.place
        noted = Launch(token_hash(token), session.id, client.client_id, role, place, now, now + LAUNCH_LIFE)
        await insert_launch(connection, noted)
    return token


async def launched(
    request: Request, connection: Connection, session: Session, client: RelyingParty, token: str | None, access: Access
) -> Launch | None:
    """The launch that a request comes from: the named one, else the session's last one of this relying party.

    A name proves nothing: it counts in the session and for the relying party that it was made for, and chooses among
    the roles that the person holds now.
    """
    now = gateway_of(request).now()
    if token is None:
        found = await latest_launch(connection, session.id, client.client_id, now)
    else:
        found = await named_launch(connection, token_hash(token), session.id, client.client_id, now)
    return found if found is not None and is_held(Context(found.role, found.place), access) else None
