"""Loads the demo state: everything in one transaction, so that a load that is cut off leaves nothing behind."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from gateway.demo.mix import Mix, mix
from gateway.demo.people import Plan, people
from gateway.demo.places import LEAST_USERS, MOST_USERS, Lea, places, state_id
from policy.facts import Level
from policy.ids import ProgramCode
from policy.packs import Packs
from store.access_version import raise_epoch
from store.audit import AuditEvent, record
from store.connection import Connection
from store.demo import (
    DEMO_TARGET,
    CodeRow,
    OrganizationRow,
    copy_organizations,
    copy_people,
    holding,
    insert_closed_years,
    lock_loading,
)
from store.keys_of import text_key
from store.years import YearStatus, add_year

_CODES_FROM: Final = date(2000, 7, 1)

Progress = Callable[[int], None]
"""Called with the number of people written so far."""


class DemoRefusedError(Exception):
    """Nothing was loaded; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load wrote. `again`: the same state was there before, and nothing was changed."""

    users: int
    leas: int
    schools: int
    assignments: int
    again: bool = False


async def load_demo(
    connection: Connection, users: int, packs: Packs, password_hash: str | None, told: Progress = lambda _: None
) -> Loaded:
    """Write the demo state of `users` people into an empty database, inside a transaction of its own.

    Raises DemoRefusedError for a size out of bounds and for a database that holds something else.
    """
    if not LEAST_USERS <= users <= MOST_USERS:
        raise DemoRefusedError(f"The demo state has {LEAST_USERS:,} to {MOST_USERS:,} users; {users:,} is outside.")
    async with connection.transaction():
        await lock_loading(connection)
        tree = await asyncio.to_thread(places, users, mix())
        if await _is_there(connection, users):
            return Loaded(users, len(tree), sum(len(lea.schools) for lea in tree), 0, again=True)
        plan = Plan(mix(), packs, password_hash)
        await _write_frame(connection, tree, plan)
        assignments = await _write_people(connection, tree, plan, told)
        loaded = Loaded(users, len(tree), sum(len(lea.schools) for lea in tree), assignments)
        await record(connection, _event(loaded))
        await raise_epoch(connection)
    return loaded


async def _is_there(connection: Connection, users: int) -> bool:
    found = await holding(connection)
    if found.demo_users == users:
        return True
    if found.demo_users is not None:
        raise DemoRefusedError(
            f"This database holds the demo state of {found.demo_users:,} users: load {users:,} into an empty database."
        )
    if found.people or found.organizations:
        raise DemoRefusedError(
            "This database holds people or organizations of its own: the demo state goes into an empty database only."
        )
    return False


async def _write_frame(connection: Connection, tree: tuple[Lea, ...], plan: Plan) -> None:
    """Years and organizations."""
    chosen = plan.mix
    filled = {ProgramCode(held.program) for post in chosen.lea_posts for held in post.held}
    named = {held.program for person in chosen.people for held in person.held}
    await insert_closed_years(connection, filled, chosen.past)
    for program in sorted(filled | {one for one in named if plan.packs.at(one, None) is None}):
        await add_year(connection, program, chosen.current, YearStatus.CURRENT)
    for program, year in chosen.upcoming.items():
        await add_year(connection, program, year, YearStatus.UPCOMING)
    organizations = _organizations(tree, chosen)
    codes = [CodeRow(row.id, row.level, row.code, _CODES_FROM) for row in organizations]
    await copy_organizations(connection, organizations, codes)


def _organizations(tree: tuple[Lea, ...], chosen: Mix) -> list[OrganizationRow]:
    """The state, every LEA, then every school."""
    state = state_id()
    rows = [_organization(state, Level.STATE, None, None, chosen.state_code, chosen.state_name)]
    rows += [_organization(lea.id, Level.LEA, state, lea.id, lea.code, lea.name, lea.funding) for lea in tree]
    rows += [
        _organization(school.id, Level.SCHOOL, lea.id, lea.id, school.code, school.name, school.funding)
        for lea in tree
        for school in lea.schools
    ]
    return rows


def _organization(
    id_: UUID, level: Level, parent: UUID | None, lea: UUID | None, code: str, name: str, funding: str | None = None
) -> OrganizationRow:
    return OrganizationRow(id_, level.value, parent, lea, code, name, text_key(name), funding)


async def _write_people(connection: Connection, tree: tuple[Lea, ...], plan: Plan, told: Progress) -> int:
    """Each batch is made while the one before is written."""
    batches = people(tree, plan)
    users = assignments = 0
    making = asyncio.create_task(asyncio.to_thread(next, batches, None))
    while (rows := await making) is not None:
        making = asyncio.create_task(asyncio.to_thread(next, batches, None))
        await copy_people(connection, rows)
        users += len(rows.users)
        assignments += len(rows.assignments)
        told(users)
    return assignments


def _event(loaded: Loaded) -> AuditEvent:
    return AuditEvent(
        action="loadDemo",
        target_type="state",
        target_id=DEMO_TARGET,
        operator_reason="Demo state",
        after={"users": loaded.users, "leas": loaded.leas, "schools": loaded.schools},
    )
