"""What the pages share on which a password is chosen: the deployment's rules, judged, and the new hash."""

from dataclasses import dataclass

from starlette.requests import Request

from gateway.signin.password_profiles import PasswordProfile, profile_of
from gateway.signin.password_rules import password_fault
from gateway.signin.passwords import check_password, hash_password
from gateway.state import Gateway, gateway_of
from policy.ids import UserId
from store.passwords import earlier_passwords

_USED_BEFORE = "You have used this password before. Choose one that is new."


@dataclass(frozen=True, slots=True)
class Chosen:
    """A password as it was typed, twice; `about` is what it must not be made of."""

    user: UserId
    password: str
    again: str
    about: tuple[str, ...]
    profile: PasswordProfile
    """What is asked of this person's password (`gateway.signin.password_minimum`)."""
    present: str | None = None
    """The hash that it takes the place of, where that is known."""


def profile_at(request: Request) -> PasswordProfile:
    return profile_of(gateway_of(request).settings.password_profile)


async def fault_of(request: Request, chosen: Chosen) -> str | None:
    """Why the password isn't accepted, as a sentence; None: it is."""
    gateway, profile = gateway_of(request), chosen.profile
    packs = gateway.packs.current
    programs = tuple(word for pack in packs.all() for word in (pack.program, pack.label))
    fault = password_fault(chosen.password, (*chosen.about, *programs), profile)
    if fault is not None:
        return fault
    if chosen.password != chosen.again:
        return "The two passwords differ. Type the same one twice."
    return await _used_before(gateway, chosen, profile)


async def new_hash(request: Request, chosen: Chosen) -> str:
    return await hash_password(gateway_of(request).hashing, chosen.password)


async def _used_before(gateway: Gateway, chosen: Chosen, profile: PasswordProfile) -> str | None:
    if not profile.remembered:
        return None
    async with gateway.pool.acquire() as connection:
        earlier = await earlier_passwords(connection, chosen.user, profile.remembered)
    for kept in (*([chosen.present] if chosen.present else []), *earlier):
        if (await check_password(gateway.hashing, chosen.password, kept)).right:
            return _USED_BEFORE
    return None
