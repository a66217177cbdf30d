"""The search for subjects: who may do it there, from those whose roles could reach so far, each judged for herself."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from uuid import UUID

from policy.access import RowFilter, row_filter
from policy.caller import SystemCaller
from policy.facts import Level
from policy.ids import SchoolYear, UserId
from policy.pack import Pack, Reach
from policy.reach import EVERYTHING, Place
from policy.stand_ins import standing_in
from resolvers.decision_facts import Asker, told_of
from resolvers.decision_searches import FIRST_ID, Found, own_rules
from resolvers.decisions import NOBODY, Judge
from resolvers.questions import CheckAsked, Told, places_of
from store.decision_searches import RoleHeld, holders
from store.pages import MOST_ROWS, PageRequest
from store.reached_ids import users_reached

_MOST_BATCHES = 20


async def search_subjects(asker: Asker, check: CheckAsked, after: str, limit: int) -> Found:
    """By id, or by name where a system's whole people are sought. A page may be shorter than `limit`: what counts is
    whether there is a next one.
    """
    judge = Judge(asker, await told_of(asker, [check]))
    version, told = judge.told.proof.version, judge.told
    refused = judge.subject(replace(check, subject=None, about_caller=False))
    if refused is not NOBODY:
        return Found([], None, version, getattr(refused, "reason", None))
    results: list[str] = []
    position, size = after, min(limit + 10, MOST_ROWS)
    for _ in range(_MOST_BATCHES):
        batch = await _candidates(asker, check, told, position, size)
        checks = [replace(check, subject=user) for user, _ in batch]
        judge = Judge(asker, await told_of(asker, checks)) if checks else judge
        for (user, cursor), one in zip(batch, checks, strict=True):
            position = cursor
            if judge.judged(one).decision.allowed:
                results.append(str(user))
                if len(results) == limit:
                    return Found(results, position, version)
        if len(batch) < size:
            return Found(results, None, version)
    return Found(results, position, version)


async def _candidates(asker: Asker, check: CheckAsked, told: Told, after: str, size: int) -> list[tuple[UserId, str]]:
    """Up to `size` people in their order, each with the position behind her."""
    if check.system is not None:
        return await _of_system(asker, check, after, size)
    roles = list(_roles(asker, check))
    anchors = {one for place in _places(check, told) for one in (place.organization, place.lea) if one is not None}
    people = [UserId(check.target_user)] if check.target_user else []
    behind = UUID(after) if after else FIRST_ID
    statement = partial(holders, roles=roles, organizations=anchors, people=people, after=behind, limit=size)
    return [(user, str(user)) for user in await asker.reads.run(statement)]


async def _of_system(asker: Asker, check: CheckAsked, after: str, size: int) -> list[tuple[UserId, str]]:
    """A system's own people; for a person those whom she may view."""
    request, system = PageRequest(size, after or None), check.system
    if isinstance(asker.caller, SystemCaller) and system is not None:
        mine = frozenset({system})
        rows = RowFilter(EVERYTHING, own_systems=mine)
        page = await asker.reads.run(partial(users_reached, request=request, rows=rows, own=own_rules(asker, mine)))
    else:
        rows = row_filter(asker.caller, asker.rule)
        own = None if rows.own_systems is None else own_rules(asker, rows.own_systems)
        page = await asker.reads.run(partial(users_reached, request=request, rows=rows, own=own))
    return [(user, cursor) for user, cursor in zip(page.rows, page.cursors, strict=True)]


def _places(check: CheckAsked, told: Told) -> tuple[Place, ...]:
    where = check.organization or check.group_organization
    if where is not None:
        found = told.places.get(where)
        return (Place(found.id, found.level, found.lea),) if found else ()
    if check.student_group is not None:
        return tuple(told.proof.groups.values())
    person = told.people.get(UserId(check.target_user)) if check.target_user else None
    return places_of(person) if person and told.reachable(person) else ()


def _roles(asker: Asker, check: CheckAsked) -> Iterator[RoleHeld]:
    """The roles of current and upcoming years that give the permission."""
    packs, years = asker.in_force.packs, asker.in_force.years
    for program in packs.programs():
        timeless = packs.at(program, None)
        open_years = {years.current.get(program), years.upcoming.get(program)}
        for year in (None,) if timeless else sorted(one for one in open_years if one is not None):
            pack = packs.at(program, year)
            if pack is not None and (pack.every_program or check.program in (None, program)):
                yield from _giving(asker, pack, check, year)


def _giving(asker: Asker, pack: Pack, check: CheckAsked, year: SchoolYear | None) -> Iterator[RoleHeld]:
    for role in pack.roles.values():
        reaches = {
            spec.reach for _, spec in asker.in_force.packs.specs(pack, role.slug) if spec.permission == check.permission
        }
        if reaches:
            anywhere = Reach.STATE in reaches and role.levels != frozenset({Level.STATE})
            for slug in (role.slug, *(one.slug for one in standing_in(pack, role.slug))):
                yield RoleHeld(pack.program, slug, year or SchoolYear(""), anywhere)
