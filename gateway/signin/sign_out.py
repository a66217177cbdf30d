"""POST `/signin/out`: the session ends, and with it everything that relying parties got from it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.csrf import checked_form
from gateway.signin.sessions import take_cookie, unended_session
from gateway.state import gateway_of
from store.sessions import finish_session

PATH: Final = "/signin/out"


async def sign_out(request: Request) -> Response:
    """303 to the sign-in page, also for somebody whose session had ended or become too old."""
    await checked_form(request)
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection, connection.transaction():
        session = await unended_session(request, connection)
        if session is not None:
            await finish_session(connection, session.id, gateway.now())
    response = RedirectResponse("/signin", status_code=303)
    take_cookie(request, response)
    return response
