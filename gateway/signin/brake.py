"""The brake on guessing: failures in a row slow the next attempts down, per account, known device and address."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection

from gateway.client_address import caller_network
from gateway.secret_key import subkey
from gateway.state import gateway_of
from policy.attempts import ACCOUNT, ADDRESS, REQUESTS, Limit
from store.attempts import Counted, Refused, attempts_succeeded, take_attempts
from store.database import Connection

__all__ = ["Brake", "Refused", "sentence_of"]

_OTHER_WAYS: Final = (
    "There were too many wrong attempts. Ask for a new password with “Forgot your password?”, or sign in with a "
    "passkey or in a browser that you have used before."
)


@dataclass(frozen=True, slots=True)
class _Count:
    name: str
    limit: Limit


@dataclass(frozen=True, slots=True)
class Brake:
    """What one attempt is counted for, in this order. Make it by one of the functions below.

    A device that the person has used before has a count of its own and isn't held to its address's: strangers' failures
    never slow her down there, and her device's cookie buys nobody more guesses at other accounts.
    """

    counts: tuple[_Count, ...]

    @classmethod
    def of_password(cls, request: HTTPConnection, email_key: str, device: UUID | None) -> "Brake":
        """`device`: the one in which the account's person has signed in before; None: none, or there is no account."""
        if device is not None:
            return cls((_Count(f"device {device}", ACCOUNT),))
        return cls((*_address(request), _Count(f"account {email_key}", ACCOUNT)))

    @classmethod
    def of_second_step(cls, user: UUID, device: UUID | None) -> "Brake":
        """Whoever gets here knows the password already, so no address is counted."""
        return cls((_Count(f"second {user} {device or ''}", ACCOUNT),))

    @classmethod
    def of_code(cls, user: UUID) -> "Brake":
        """Of codes by e-mail, over all sign-ins: whoever knows the password may begin as many as she likes."""
        return cls((_Count(f"code {user}", ACCOUNT),))

    @classmethod
    def of_own_password(cls, user: UUID) -> "Brake":
        """Of somebody who is signed in and types the present password."""
        return cls((_Count(f"own {user}", ACCOUNT),))

    @classmethod
    def of_requests(cls, request: HTTPConnection, what: str, about: str) -> "Brake":
        """Of requests that send mail: each counts, and none is ever taken back."""
        where = caller_network(request)
        many = (_Count(f"{what} from {where}", ADDRESS),) if where else ()
        return cls((*many, _Count(f"{what} {about} {where or ''}", REQUESTS)))

    async def take(self, request: HTTPConnection, connection: Connection) -> Refused | None:
        """Count the attempt as failed, until it succeeds; not None: it isn't to be looked at."""
        return await take_attempts(
            connection, [_counted(request, one) for one in self.counts], gateway_of(request).now()
        )

    async def succeeded(self, request: HTTPConnection, connection: Connection) -> None:
        """The row of failures has ended; an address gets this one attempt back."""
        counted = [_counted(request, one) for one in self.counts]
        forgotten = [one.key for one in counted if one.limit is not ADDRESS]
        await attempts_succeeded(connection, forgotten, [one for one in counted if one.limit is ADDRESS])


async def password_failures_end(request: HTTPConnection, connection: Connection, email_key: str) -> None:
    """Somebody proved by mail that the account is hers: strangers' failures count no longer."""
    await attempts_succeeded(connection, [_counted(request, _Count(f"account {email_key}", ACCOUNT)).key])


def sentence_of(refused: Refused) -> str:
    """What a page says; the same whether there is an account or not."""
    if refused.wait is None:
        return _OTHER_WAYS
    seconds = int(refused.wait.total_seconds()) + 1
    span = f"{seconds} seconds" if seconds <= 120 else f"{-(-seconds // 60)} minutes"
    return f"Too many attempts. Wait {span}, then try again."


def headers_of(refused: Refused) -> dict[str, str]:
    """Retry-After (RFC 9110, section 10.2.3), where waiting helps."""
    return {} if refused.wait is None else {"Retry-After": str(int(refused.wait.total_seconds()) + 1)}


def _address(request: HTTPConnection) -> Sequence[_Count]:
    where = caller_network(request)
    return (_Count(f"address {where}", ADDRESS),) if where else ()


def _counted(request: HTTPConnection, count: _Count) -> Counted:
    """Under a keyed hash: the table names nobody."""
    key = subkey(gateway_of(request).secret_key, "attempts")
    return Counted(hmac.digest(key, count.name.encode(), "sha256"), count.limit)
