"""The second steps that there are: an authenticator app, recovery codes, passkeys; each with its part of the page."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from policy.ids import UserId
from store.database import Connection
from store.passkeys import passkeys_of
from store.pending_sign_ins import Pending
from store.second_factors import has_totp, recovery_codes_left


@dataclass(frozen=True, slots=True)
class Offer:
    """How the method is set up where somebody has none: a template of the set-up page, and what it is told."""

    template: str
    load: Callable[[Request, Connection, Pending], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to take the second step.

    `template`: its part of the page at `/signin/second-step`, with a form of its own; it finds what `load` answered as
    `method`. Its form goes to an address of its own, which ends in `gateway.signin.second_step_end.finish_step`.
    `counts`: whether it is a factor by itself; recovery codes only stand in for one. `offer`: None where it comes with
    another one.
    """

    name: str
    template: str
    is_set_up: Callable[[Connection, UserId], Awaitable[bool]]
    load: Callable[[Request, Connection, Pending], Awaitable[Mapping[str, Any]]]
    counts: bool = True
    offer: Offer | None = None


async def nothing(request: Request, connection: Connection, pending: Pending) -> Mapping[str, Any]:
    """For templates that need nothing."""
    del request, connection, pending
    return {}


async def _has_recovery_codes(connection: Connection, user: UserId) -> bool:
    return await recovery_codes_left(connection, user) > 0


async def _has_passkey(connection: Connection, user: UserId) -> bool:
    """One that is accepted: a copy may be in use of the others."""
    return any(one.copied_at is None for one in await passkeys_of(connection, user))


APP: Final = Method("app", "signin/second_step/app.html", has_totp, nothing)
RECOVERY: Final = Method("recovery", "signin/second_step/recovery.html", _has_recovery_codes, nothing, counts=False)
PASSKEY: Final = Method(
    "passkey",
    "signin/second_step/passkey.html",
    _has_passkey,
    nothing,
    offer=Offer("signin/second_step/passkey_offer.html", nothing),
)
METHODS: Final[tuple[Method, ...]] = (PASSKEY, APP, RECOVERY)
"""In the order in which the page offers them."""


async def methods_of(connection: Connection, user: UserId) -> list[Method]:
    """Those that the person can use now."""
    return [one for one in METHODS if await one.is_set_up(connection, user)]
