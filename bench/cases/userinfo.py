"""Userinfo of somebody with 400 posts beside that of somebody with 4: all claims, tenancy chains included."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from bench.asking import Asking, rate
from bench.callers import person_bearer
from bench.client import TOLD_SCOPE
from bench.coordinator import session_of
from bench.errors import BenchError
from bench.hallpass import NAME, gateway
from bench.http_contender import UNIT
from bench.posts import PROGRAM, ROLE, people_with_posts
from bench.servers import Server, running
from bench.state import State
from bench.trial import Case, Kind, Target, Trial
from bench.workshop import Workshop
from policy.grant import ActiveRole
from policy.ids import UserId
from store.database import open_connection
from store.people import load_years

_MANY, _FEW = 400, 4
_USERS = 250
"""Of a state that no other case measures: what is put into it stays."""
_LEAST = round(1 / 3, 3)


@asynccontextmanager
async def _prepare(workshop: Workshop) -> AsyncGenerator[Sequence[Trial]]:
    state = await workshop.state(_USERS)
    people = await people_with_posts(state.owner_url, (_MANY, _FEW))
    async with running(gateway(state.directory), workshop.folder) as server:
        asked = {amount: await _asking(workshop, state, server, people[amount], amount) for amount in (_MANY, _FEW)}
        beside = f"{NAME}, {_FEW} posts"
        contenders = [
            rate(f"{NAME}, {_MANY} posts", Kind.OURS, asked[_MANY]),
            rate(beside, Kind.LIMIT, asked[_FEW]),
        ]
        targets = [Target(beside, _LEAST, "issue 5: within 3 times")]
        notes = [f"{asked[_MANY].least_bytes:,} bytes beside {asked[_FEW].least_bytes:,}: each claim is complete."]
        yield [Trial("userinfo with assessment and sbac", UNIT, contenders, targets=targets, notes=notes)]


async def _asking(workshop: Workshop, state: State, server: Server, user: UserId, amount: int) -> Asking:
    """The question of one person, whose first answer names each of her schools."""
    connection = await open_connection(state.url)
    try:
        year = (await load_years(connection)).current[PROGRAM]
        cookie = await session_of(connection, user, ActiveRole(PROGRAM, ROLE, year))
    finally:
        await connection.close()
    caller = person_bearer(server, cookie, TOLD_SCOPE)
    asking = await Asking(server, caller, "/oauth2/userinfo", b"", workshop.options.connections).answered()
    told = (await asking.answer()).json()
    schools = {one.split("|")[1] for one in told.get("sbacTenancyChain", [])}
    if len(schools) != amount or len(told["assessment"]["active_role"]["organizations"]) != amount:
        raise BenchError(f"userinfo names {len(schools)} of {amount} schools.")
    return asking


CASE = Case("userinfo", "What a person's token tells", _prepare)
