"""The facts of persons and the access that follows from them, loaded for all rows of an answer at once."""

from collections.abc import Mapping, Sequence
from functools import partial

from policy.caller import PersonCaller
from policy.facts import Person
from policy.grant import Access
from policy.grants import access_of
from policy.ids import UserId
from policy.session_limits import access_in_session
from resolvers.asking import Asking
from resolvers.batches import Batch, batch_of
from store.people import LoadedPerson, load_people


async def person(asking: Asking, user: UserId) -> LoadedPerson | None:
    return await _batch(asking).get(user)


async def access(asking: Asking, user: UserId) -> Access | None:
    """What the person may do today in all her roles; None: there is no such account."""
    loaded = await person(asking, user)
    return access_of_facts(asking, loaded.person) if loaded else None


def access_of_facts(asking: Asking, facts: Person) -> Access:
    """Computed once per person and operation."""
    known: dict[UserId, Access] = asking.batches.setdefault("access", {})
    if facts.id not in known:
        known[facts.id] = _worked_out(asking, facts)
    return known[facts.id]


def _worked_out(asking: Asking, facts: Person) -> Access:
    """Who asks about herself reads what counts in her session, and what that lacks."""
    packs, years, today = asking.packs, asking.years, asking.clock.today
    if not isinstance(asking.caller, PersonCaller):
        return access_of(facts, packs, years, today)
    required = asking.accounts.second_step_required
    return access_in_session(facts, asking.caller, packs, years, today, required=required)


def _batch(asking: Asking) -> Batch[UserId, LoadedPerson]:
    async def load(ids: Sequence[UserId]) -> Mapping[UserId, LoadedPerson]:
        return await asking.reads.run(partial(load_people, users=ids))

    return batch_of(asking.batches, "people", load)
