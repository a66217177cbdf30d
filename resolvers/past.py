"""The same operation on another day: asked as of a moment, with that day's people, roles, tree, years and packs."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from policy.caller import PersonCaller
from policy.facts import UserStatus
from policy.grant import Access, narrowed_to_place
from policy.session_limits import access_in_session
from resolvers.asking import Asking, Clock, Reads
from resolvers.refusals import bad_input
from store.connection import Connection
from store.packs import load_packs
from store.past import PastConnection, known_span, packs_differ
from store.people import load_person, load_years

Answer = TypeVar("Answer")


class PastReads(Reads):
    """Reads of an operation, each as of a moment."""

    def __init__(self, now: Reads, at: datetime) -> None:
        self._now = now
        self._at = at

    def begin_snapshot(self) -> None:
        """What was doesn't change while it is read."""

    async def run(self, statement: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        return await self._now.run(lambda connection: statement(PastConnection(connection, self._at)))

    async def close(self) -> None:
        """The operation's own reads are closed by whoever opened them."""


async def asking_at(asking: Asking, at: datetime) -> Asking:
    """The operation as of `at`. Who asks keeps the rights that she has now.

    Refuses what nobody can answer: moments to come, and those before the history begins.
    """
    if at.tzinfo is None:
        raise bad_input("The moment has no time zone: write it as 2026-11-22T12:00:00Z.")
    known = await asking.reads.run(known_span)
    if at > known.until:
        raise bad_input("That moment is still to come: ask about one that is past.")
    if at < known.begins:
        since = known.begins.isoformat(timespec="seconds")
        raise bad_input(f"Nothing is known of that moment: history begins at {since}.")
    reads = PastReads(asking.reads, at)
    clock = Clock(at, at.astimezone(asking.clock.zone).date(), asking.clock.zone)
    differ = await asking.reads.run(lambda connection: packs_differ(PastConnection(connection, at)))
    packs = await reads.run(load_packs) if differ else asking.packs
    return replace(asking, packs=packs, years=await reads.run(load_years), clock=clock, reads=reads, batches={})


def moved_to(then: Asking, now: Asking, at: datetime) -> Asking:
    """The operation as of another moment at which packs and years are those of `then`."""
    clock = Clock(at, at.astimezone(now.clock.zone).date(), now.clock.zone)
    return replace(then, clock=clock, reads=PastReads(now.reads, at), batches={})


async def as_herself(then: Asking) -> Asking:
    """For a question about the person who asks: her own access as it was, in all her roles.

    Within the limits of her session or token: what these don't activate today they don't tell of yesterday either.
    """
    caller = then.caller
    if not isinstance(caller, PersonCaller):
        return then
    loaded = await then.reads.run(partial(load_person, user=caller.user))
    if loaded is None:
        return replace(then, caller=replace(caller, access=Access(caller.user, UserStatus.DELETED, ()), active=None))
    required = then.accounts.second_step_required
    whole = access_in_session(loaded.person, caller, then.packs, then.years, then.clock.today, required=required)
    return replace(then, caller=replace(caller, access=narrowed_to_place(whole, caller.place), active=None))
