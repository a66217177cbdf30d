"""Who would gain and who would lose by a change of the tree: worked out beforehand, and nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from policy.directory_effects import Effect, effects, moved, opened
from policy.facts import Level
from resolvers import targets
from resolvers.asking import Asking
from resolvers.refusals import bad_input
from resolvers.targets import Sight
from store.organization_changes import holders_at
from store.people import load_people

MOST = 2_000
"""People whom one change may concern here; an LEA's own staff and one school's."""


@dataclass(frozen=True, slots=True)
class EffectsAsked:
    """`to`: the LEA to which the school would move; without one, the organization would be closed or reopened."""

    organization: UUID | None
    to: UUID | None = None
    by_move: bool = False


@dataclass(frozen=True, slots=True)
class EffectsRow:
    """`concerned`: how many people were looked at."""

    concerned: int
    gaining: list[Effect]
    losing: list[Effect]


async def of_change(asking: Asking, asked: EffectsAsked, sight: Sight) -> EffectsRow:
    """Raises RefusedError NOT_FOUND for what isn't seen, BAD_USER_INPUT for what can't be moved."""
    one = (await targets.organization(asking, sight, asked.organization)).facts
    places = {one.id, *([one.lea] if one.lea else [])}
    if asked.by_move:
        lea = (await targets.organization(asking, sight, asked.to)).facts
        if one.level is not Level.SCHOOL or lea.level is not Level.LEA:
            raise bad_input("Only schools are moved, and only to an LEA.")
        places.add(lea.id)
        change = moved(one.id, lea)
    else:
        change = opened(one.id, active=not one.active)
    holders = await asking.reads.run(partial(holders_at, organizations=sorted(places)))
    if len(holders) > MOST:
        raise bad_input(f"The change concerns {len(holders):,} people; up to {MOST:,} can be shown.")
    loaded = await asking.reads.run(partial(load_people, users=holders))
    people = [loaded[user].person for user in holders if user in loaded]
    found = tuple(effects(people, one, change, asking.packs, asking.years, asking.clock.today))
    return EffectsRow(len(people), list(_with(found, gaining=True)), list(_with(found, gaining=False)))


def _with(found: Iterable[Effect], *, gaining: bool) -> Iterable[Effect]:
    return (one for one in found if (one.gains if gaining else one.loses))
