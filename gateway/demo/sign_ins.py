"""The named people of the demo state and their one password, which works only where the gateway is on this machine."""

import ipaddress
from concurrent.futures import Executor
from urllib.parse import urlsplit

from gateway.demo.mix import HeldRole, NamedPerson, mix
from gateway.settings import Settings
from gateway.signin.passwords import hash_password
from policy.packs import Packs


def has_password(settings: Settings) -> bool:
    """A password that stands in the documentation opens nothing that others can reach."""
    host = urlsplit(settings.issuer).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def demo_password_hash(settings: Settings, hashing: Executor) -> str | None:
    """The hash that named people are loaded with; None: they have no password."""
    return await hash_password(hashing, mix().password) if has_password(settings) else None


def sign_ins(packs: Packs) -> list[tuple[NamedPerson, str]]:
    """Each named person with her roles in words."""
    return [(person, _roles(person, packs)) for person in mix().people]


def _roles(person: NamedPerson, packs: Packs) -> str:
    held = person.held + person.other
    for post in (*mix().lea_posts, *mix().school_posts):
        if post.name == person.post:
            held = post.held
    return ", ".join(dict.fromkeys(_label(one, packs) for one in held))


def _label(held: HeldRole, packs: Packs) -> str:
    role = packs.role(held.program, held.role, mix().current)
    return role.label if role else held.text
