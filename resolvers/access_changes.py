"""accessChanged: who may follow the changes of access that concern a system, and which of them she is told."""

from dataclasses import dataclass
from typing import Protocol

from policy.access import Subject
from policy.caller import PersonCaller, SystemCaller
from policy.ids import System, UserId, system_of
from policy.packs import Packs
from policy.signals import gives
from resolvers.asking import Asking
from resolvers.following import Source
from resolvers.refusals import Code, RefusedError, bad_input
from resolvers.uploads.records import ProgressRow
from store.access_changes import RoleHeld, StoredChange
from store.access_version import AccessVersion, InvalidAccessVersionError

_WITHHELD = "You may not follow the changes of this system."


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a subscription tells: a system of everybody concerned (`user` None), or one person of herself."""

    system: System
    user: UserId | None

    def is_told_of(self, change: StoredChange, packs: Packs) -> bool:
        """Everybody's changes concern all; a person's those systems in which a role of hers gives or gave anything."""
        if change.user is None:
            return True
        if self.user is not None and self.user != change.user:
            return False
        return any(_gives(role, self.system, packs) for role in change.roles)

    def subject(self, asking: Asking) -> Subject:
        """What is told to this audience, as the rules see it: the person's own, or the system's."""
        mine = asking.systems is None or self.system in asking.systems
        return Subject(owner=self.user if mine else None, in_own_systems=self.user is None and mine)


@dataclass(frozen=True, slots=True)
class AccessChangeRow:
    """All changes up to `version` have been told with this one. Neither a user nor everybody: nothing changed."""

    audience: Audience
    version: int
    user: UserId | None = None
    everybody: bool = False
    gap: bool = False

    @property
    def access_version(self) -> str:
        return AccessVersion(self.version).text


class Changes(Protocol):
    """What the process follows for all its subscriptions."""

    async def follow(self, audience: Audience, after: int | None) -> Source[AccessChangeRow]:
        """Changes of access; `after` None begins now."""
        ...

    def progress(self, known: ProgressRow) -> Source[ProgressRow]:
        """The work on a file, from what is known on."""
        ...


async def follow(asking: Asking, system: str, after: str | None) -> Source[AccessChangeRow]:
    """Raises RefusedError for a system that isn't the caller's, and for a text that is no access version."""
    if asking.changes is None:
        raise bad_input("Subscriptions run over a WebSocket: connect with the subprotocol graphql-transport-ws.")
    return await asking.changes.follow(_audience(asking, System(system)), _number(after))


def _audience(asking: Asking, system: System) -> Audience:
    match asking.caller:
        case SystemCaller(systems=systems) if system in systems:
            return Audience(system, None)
        case PersonCaller(user=user, systems=None) if any(system_of(one) == system for one in asking.packs.vocabulary):
            return Audience(system, user)
        case PersonCaller(user=user, systems=systems) if systems is not None and system in systems:
            return Audience(system, user)
        case _:
            raise RefusedError(Code.UNAUTHORIZED_FIELD_OR_TYPE, _WITHHELD)


def _number(after: str | None) -> int | None:
    try:
        return None if after is None else AccessVersion.of(after).number
    except InvalidAccessVersionError as error:
        raise bad_input(str(error)) from error


def _gives(held: RoleHeld, system: System, packs: Packs) -> bool:
    pack = packs.at(held.program, held.school_year)
    return pack is not None and gives(packs, pack, held.role, (system,))
