"""Files, single changes and the end of a year at once: nobody meets a deadlock, and what is left is right."""

import asyncio
import random
import uuid
from typing import Any

from gateway.state import Gateway
from gateway.uploads.working import work_on_next
from policy.school_years import confirmation_of
from policy.upload_kinds import UploadState
from resolvers import year_steps
from store.access_version import hold_version
from store.database import Connection
from store.year_closing import ClosedBy, finish_closing
from tests.graphql.changes import ASSIGN, REMOVE, role
from tests.graphql.conftest import AsCaller, as_person, http
from tests.graphql.world import Caller, codes, user_id
from tests.oidc.world import ELPAC, HILL, LEA, NOW, YEAR
from tests.uploads.files import HILL_CODE, LEA_CODE, PARK_CODE, TA, TE, Sending, record, send, toms
from tests.uploads.test_graphql import STEP

__all__ = ["as_person", "http"]

DISTRICT = "Educator - District"
PEOPLE = [f"p{number:02}@valley.example" for number in range(24)]
NAMED = ("teacher", "colleague", "educator", "site", "additional")
EXPECTED = {"FORBIDDEN", "NOT_FOUND"}
"""What a person may be told whose own access or whose target has just changed."""
UNFINISHED = "select count(*) from uploads where state in ('validating', 'applying')"
DOUBLED = """select user_id, organization_id from role_assignments
    where program = 'caaspp' and status <> 'expired' and origin <> 'directory'
    group by user_id, organization_id, school_year having count(*) > 1"""
PRIMARIES = """select coalesce(max(n), 0) from (select count(*) as n from role_assignments
    where program = 'caaspp' and "primary" and status <> 'expired' group by lea_id, school_year) counted"""
UNTOLD = """select id from role_assignments a where assigned_by is not null
    and not exists (select from audit_events e where e.target_id = a.id::text and e.outcome = 'allowed')"""
STILL_OPEN = (
    "select count(*) from role_assignments where school_year = '2026-27' and program = 'elpac' and status <> 'expired'"
)


async def test_two_senders_and_single_changes_and_the_end_of_the_year(
    gateway: Gateway, as_person: AsCaller, connection: Connection
) -> None:
    told: list[str] = []
    ended = asyncio.Event()
    workers = [asyncio.create_task(working(gateway, ended)) for _ in range(2)]
    try:
        async with asyncio.timeout(60):
            async with asyncio.TaskGroup() as group:
                for name in ("primary", "additional"):
                    group.create_task(sending(gateway, await as_person(name), name, random.Random(name), told))
                for name in ("primary", "additional", "superintendent"):
                    group.create_task(changing(await as_person(name), random.Random(name), told))
                group.create_task(closing(gateway))
    finally:
        ended.set()
        await asyncio.gather(*workers)
    assert set(told) <= EXPECTED
    assert await connection.fetchval(UNFINISHED) == 0
    assert await connection.fetch(DOUBLED) == []
    assert await connection.fetchval(PRIMARIES) <= 1
    assert await connection.fetch(UNTOLD) == []
    assert await connection.fetchval(STILL_OPEN) == 0


async def working(gateway: Gateway, ended: asyncio.Event) -> None:
    """A process that works on files, as `gateway.uploads.working` does."""
    while not ended.is_set():
        if not await work_on_next(gateway):
            await asyncio.sleep(0.02)


async def sending(gateway: Gateway, caller: Caller, name: str, chance: random.Random, told: list[str]) -> None:
    """Files about the same people, one after the other, each applied as soon as it may be."""
    for _ in range(3):
        rows = [(one, chance.choice((TA, TE)), PARK_CODE) for one in PEOPLE]
        rows += [(one, TA, HILL_CODE) for one in PEOPLE[::3]]
        rows += [(one, DISTRICT, LEA_CODE) for one in PEOPLE[::4]]
        rows += [(f"{one}@valley.example", TA, HILL_CODE) for one in ("teacher", "colleague")]
        chance.shuffle(rows)
        upload = await send(gateway, toms(*rows), Sending(name))
        action, state = "validateUserUpload", UploadState.RECEIVED
        while state not in (UploadState.APPLIED, UploadState.REFUSED):
            found = await record(gateway, upload)
            state = found.state
            if state is UploadState.VALIDATED:
                action = "applyUserUpload"
            if state in (UploadState.RECEIVED, UploadState.VALIDATED):
                answer = await caller.ask(STEP.format(action), upload=str(upload), version=found.version)
                heard(answer, told)
            await asyncio.sleep(0.02)


async def changing(caller: Caller, chance: random.Random, told: list[str]) -> None:
    """Roles given and taken, one by one, of those whom the files name, at the LEA too."""
    for _ in range(12):
        name = chance.choice(NAMED)
        asked = role(*chance.choice((("lea-coordinator", LEA), ("educator-district", LEA), ("test-examiner", HILL))))
        answer = await caller.ask(
            ASSIGN, input={"user": str(user_id(name)), **asked, "idempotencyKey": str(uuid.uuid4())}
        )
        heard(answer, told)
        made: dict[str, Any] | None = answer["data"]["assignRole"] if answer["data"] else None
        if made and made["assignment"]:
            heard(await caller.ask(REMOVE, input={"assignments": [made["assignment"]["id"]], "reason": None}), told)


def heard(answer: dict[str, Any], told: list[str]) -> None:
    told += [code for code, _ in codes(answer)]
    assert not {"INTERNAL", "UNAVAILABLE"} & set(told), answer


async def closing(gateway: Gateway) -> None:
    """The other program's year ends meanwhile: everybody's access is told to have changed, and batches follow."""
    await asyncio.sleep(1)
    by = ClosedBy(NOW, NOW.date(), operator_reason="the summer")
    async with gateway.pool.acquire() as connection, connection.transaction():
        await year_steps.close_year(
            connection, gateway.packs.current, ELPAC, YEAR, confirmation_of(ELPAC, YEAR), by, hold_version
        )
    await finish_closing(gateway.pool, ELPAC, YEAR, lambda: NOW, batch=1)
