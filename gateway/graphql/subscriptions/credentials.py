"""Who has connected: the session of one of our own pages, or a token in the header or the first message."""

from collections.abc import Hashable, Mapping
from typing import Any

from starlette.requests import HTTPConnection

from gateway.caller_memory import Remembered
from gateway.cookies import Cookie, read_cookie
from gateway.refusals import Kind, RefusedError
from gateway.remembered import read_caller
from gateway.state import gateway_of
from policy.caller import Anonymous, PersonCaller


def check_handshake(connection: HTTPConnection) -> None:
    """Refuses a session's cookie sent by another site's page, which every browser names, and a token in the address.

    Raises RefusedError: FORBIDDEN, BAD_USER_INPUT.
    """
    settings = gateway_of(connection).settings
    if "access_token" in connection.query_params:
        raise RefusedError(
            Kind.BAD_USER_INPUT, "An access token was sent in the address; send it in the Authorization header."
        )
    if read_cookie(connection, settings, Cookie.SESSION) is not None:
        origins = connection.headers.getlist("origin")
        if origins != [settings.issuer]:
            raise RefusedError(Kind.FORBIDDEN, "This connection was opened by a page of another site.")


def with_token(connection: HTTPConnection, payload: Mapping[str, Any]) -> HTTPConnection:
    """The connection with the `Authorization` of connection_init's payload as a header: browsers can't set one.

    Raises RefusedError for what no header can be.
    """
    given = [value for name, value in payload.items() if name.lower() == "authorization" and value is not None]
    if not all(isinstance(one, str) and one.isascii() and one.isprintable() for one in given):
        raise RefusedError(Kind.UNAUTHENTICATED, "`Authorization` must be a text: Bearer and the token.")
    headers = [*connection.scope["headers"], *((b"authorization", str(one).encode()) for one in given)]
    return HTTPConnection({**connection.scope, "headers": headers})


async def recognized(connection: HTTPConnection) -> Remembered:
    """The caller as she is now. Raises RefusedError for nobody, and for credentials that aren't good any more."""
    async with gateway_of(connection).pool.acquire() as taken:
        known = await read_caller(connection, taken)
    if isinstance(known.caller, Anonymous):
        raise RefusedError(Kind.UNAUTHENTICATED, "Sign in, or send a token as `Authorization` in connection_init.")
    return known


def key_of(known: Remembered) -> Hashable:
    """What the connections of one caller are counted by: a person is one through all her sessions and tokens."""
    caller = known.caller
    if isinstance(caller, PersonCaller):
        return caller.user
    return None if isinstance(caller, Anonymous) else caller.client_id
