"""Opens connections to PostgreSQL as the serving role or as the owner, with the session settings each one needs."""

import uuid
from collections.abc import Mapping
from typing import Any, cast

import asyncpg
import orjson

from store.connection import Connection, Listener, Pool, PreparedStatement, Row

__all__ = [
    "APP_ROLE",
    "OWNER_ROLE",
    "SCHEMA",
    "Connection",
    "DatabaseError",
    "Pool",
    "PreparedStatement",
    "Row",
    "open_connection",
    "open_pool",
]

SCHEMA = "hallpass"
OWNER_ROLE = "hallpass_owner"
APP_ROLE = "hallpass_app"

_SESSION: Mapping[str, str] = {
    "search_path": f"{SCHEMA}, pg_temp",  # pg_temp last: a temporary table never hides one of ours
    "timezone": "UTC",
    "jit": "off",  # costs more than it gains on short statements
    # A statement's text says the shape of its reach, so one plan serves all; planning costs as much as running.
    "plan_cache_mode": "force_generic_plan",
}
_DRIVER: Any = asyncpg  # it carries no types; `store.connection` says what we use of it
_STATEMENTS_PER_CONNECTION = 1000
_LONGEST_CACHED_STATEMENT = 256 * 1024
_JSONB_VERSION = b"\x01"


class DatabaseError(Exception):
    """The database can't be used as it is; the message says why and what to do."""


class ServingConnection(asyncpg.Connection):  # pyright: ignore[reportMissingTypeArgument]
    """A connection that is given back to its pool without a round trip, unless it listens.

    Statements of `store` leave nothing behind in a session (a test holds them to it), an open transaction is
    rolled back by asyncpg itself, and what is left is LISTEN: only then the usual reset is sent.
    """

    __slots__ = ("_listened",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self._listened = False

    async def add_listener(self, channel: str, callback: Listener) -> None:
        self._listened = True
        await super().add_listener(channel, callback)  # pyright: ignore[reportUnknownMemberType]

    def get_reset_query(self) -> str:
        if not self._listened:
            return ""
        self._listened = False
        return super().get_reset_query()


async def open_pool(
    url: str, *, minimum: int = 1, maximum: int = 10, timeout: float = 30, application: str = "hallpass"
) -> Pool:
    """A pool whose connections serve as `hallpass_app`, whoever logs in.

    `timeout` is in seconds, per new connection. Raises DatabaseError when the login is refused or can't become the
    serving role, or the server is older than 16; OSError or asyncpg's errors when there is no connection.
    """
    try:
        pool = await _DRIVER.create_pool(
            url,
            min_size=minimum,
            max_size=maximum,
            timeout=timeout,
            init=_prepare_connection,
            connection_class=ServingConnection,
            server_settings=_session_of(APP_ROLE, application),
            **_CACHE,
        )
    except _LOGIN_ERRORS as error:
        raise _login_refused(error) from error
    except _ROLE_ERRORS as error:
        raise _role_refused(APP_ROLE, error) from error
    return cast(Pool, pool)


async def open_connection(
    url: str,
    role: str | None = APP_ROLE,
    *,
    timeout: float = 30,
    application: str = "hallpass",
    settings: Mapping[str, str] | None = None,
) -> Connection:
    """One connection that acts as `role`; None: as the login itself. `settings` are added to the session's.

    Raises as `open_pool` does.
    """
    try:
        connection = await _DRIVER.connect(
            url,
            timeout=timeout,
            server_settings=_session_of(role, application) | dict(settings or {}),
            **_CACHE,
        )
    except _LOGIN_ERRORS as error:
        raise _login_refused(error) from error
    except _ROLE_ERRORS as error:
        raise _role_refused(role, error) from error
    opened = cast(Connection, connection)
    try:
        await _prepare_connection(connection)
    except BaseException:
        await opened.close()
        raise
    return opened


_CACHE: Mapping[str, Any] = {
    "statement_cache_size": _STATEMENTS_PER_CONNECTION,
    "max_cached_statement_lifetime": 0,  # the default forgets every plan each five minutes
    "max_cacheable_statement_size": _LONGEST_CACHED_STATEMENT,
}
_LOGIN_ERRORS = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
_ROLE_ERRORS = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError)


def _session_of(role: str | None, application: str) -> dict[str, str]:
    session = dict(_SESSION) | {"application_name": application}
    return session if role is None else session | {"role": role}


def _login_refused(error: Exception) -> DatabaseError:
    return DatabaseError(f"The database refuses the login ({error}): correct user, password or name in its address.")


def _role_refused(role: str | None, error: Exception) -> DatabaseError:
    return DatabaseError(
        f"The database login can't act as the role {role} ({error}): run `hallpass migrate` with a login that may "
        f"create roles, or have an administrator run `grant {role} to` that login."
    )


async def _prepare_connection(connection: Any) -> None:
    version = connection.get_server_version().major
    if version < 16:
        raise DatabaseError(f"The database is PostgreSQL {version}: Hallpass needs 16 or newer.")
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_encode_jsonb, decoder=_decode_jsonb
    )


def _encode_jsonb(value: object) -> bytes:
    return _JSONB_VERSION + orjson.dumps(value, default=_plain)


def _decode_jsonb(data: bytes) -> Any:
    return orjson.loads(memoryview(data)[1:])


def _plain(value: object) -> str:
    """The text of a value that orjson doesn't know: asyncpg's own subclass of UUID."""
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
