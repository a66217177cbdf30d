"""No answer is older than its request: what changes between two requests, or between the caller and the statement."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.caller_memory import CallerMemory
from gateway.graphql import execution, reading
from gateway.oidc.keys.ring import key_ring_of
from gateway.packs_in_force import PacksInForce
from gateway.state import Gateway
from store.access_version import raise_epoch, raise_versions
from store.assignments import delete_assignments
from store.database import Connection, Pool
from tests.graphql.both import request_of
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import HILL, LEA, PARK, Caller, assignment_id, user_id
from tests.oidc.world import Clock, http_of

PEOPLE = """{ viewer { id user { firstName } grants { permission } roles { role { code } } accessVersion }
    users(first: 100) { totalCount nodes { id email assignments { nodes { role { code } status } } } }
    organizations { nodes { name active } } }"""
EXECUTED = """{ users(first: 20) { nodes { id credentials { number }
    assignments(first: 3) { nodes { id status grants { reach } } } } } }"""
Change = Callable[[Connection], Awaitable[None]]
HELD = assignment_id("site", "site-coordinator", PARK)


async def _raised(connection: Connection) -> None:
    await raise_versions(connection, [user_id("site")])


async def role_removed(connection: Connection) -> None:
    await delete_assignments(connection, [HELD])
    await _raised(connection)


async def role_suspended(connection: Connection) -> None:
    await connection.execute("update role_assignments set status = 'suspended' where id = $1", HELD)
    await _raised(connection)


async def form_withdrawn(connection: Connection) -> None:
    await connection.execute("delete from signed_forms where user_id = $1", user_id("site"))
    await _raised(connection)


async def account_suspended(connection: Connection) -> None:
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("site"))
    await _raised(connection)


async def pack_gone(connection: Connection) -> None:
    await connection.execute("delete from packs where program = 'caaspp'")
    await raise_epoch(connection)


async def year_over(connection: Connection) -> None:
    await connection.execute(
        "update school_years set status = 'closed' where program = 'caaspp' and status = 'current'"
    )
    await connection.execute(
        "update school_years set status = 'current' where program = 'caaspp' and status = 'upcoming'"
    )
    await raise_epoch(connection)


async def organization_closed(connection: Connection) -> None:
    await connection.execute("update organizations set active = false where id = $1", PARK)
    await raise_epoch(connection)


async def organization_moved(connection: Connection) -> None:
    """Her role is at the other school from now on."""
    await connection.execute(
        "update role_assignments set organization_id = $2, lea_id = $3 where id = $1", HELD, HILL, LEA
    )
    await _raised(connection)
    await raise_epoch(connection)


async def session_ended(connection: Connection) -> None:
    await connection.execute("update sessions set ended_at = now() where user_id = $1", user_id("site"))


async def role_chosen(connection: Connection) -> None:
    await connection.execute(
        "update sessions set active_program = 'elpac', active_role = 'test-examiner', active_year = '2026-27' "
        "where user_id = $1",
        user_id("site"),
    )


async def client_deactivated(connection: Connection) -> None:
    await connection.execute("update relying_parties set active = false where client_id = 'reporting'")


async def client_of_another_system(connection: Connection) -> None:
    await connection.execute("update relying_parties set systems = '{thss}' where client_id = 'reporting'")


async def authorization_revoked(connection: Connection) -> None:
    await connection.execute("update authorizations set revoked_at = now() where user_id = $1", user_id("site"))


ANYWHERE: tuple[Change, ...] = (
    role_removed, role_suspended, form_withdrawn, account_suspended, pack_gone, year_over, organization_closed,
    organization_moved,
)  # fmt: skip
CHANGES: tuple[tuple[str, Change], ...] = (
    *(("session", one) for one in (*ANYWHERE, session_ended, role_chosen)),
    *(("token", one) for one in (*ANYWHERE, client_deactivated, client_of_another_system, authorization_revoked)),
    *(("system", one) for one in (
        role_removed, account_suspended, pack_gone, year_over, organization_closed, client_deactivated,
        client_of_another_system,
    )),
)  # fmt: skip
_IDS = [f"{kind}-{change.__name__}" for kind, change in CHANGES]
Callers = dict[str, Caller]


@pytest.fixture(autouse=True)
def before_midnight(clock: Clock) -> None:
    """Two minutes before midnight in California."""
    clock.now = datetime(2026, 11, 22, 7, 58, tzinfo=UTC)


@pytest.fixture
async def callers(
    as_person: AsCaller, as_token_bearer: AsTokenBearer, as_system: Caller, connection: Connection
) -> Callers:
    """Somebody with a second role, so that there is one to choose."""
    await connection.execute(
        """insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key,
               status, origin)
           select gen_random_uuid(), id, 'elpac', 'test-examiner', '2026-27', $2, $3, name_key, 'active', 'operator'
           from users where id = $1""",
        user_id("site"), HILL, LEA,
    )  # fmt: skip
    async with connection.transaction():
        await _raised(connection)
    session = await as_person("site", "site-coordinator")
    return {"session": session, "token": await as_token_bearer("site"), "system": as_system}


async def _told(asking: Caller, document: str) -> tuple[int, Any]:
    answer = await asking.post(document)
    body = answer.json()
    return answer.status_code, {"data": body.get("data"), "errors": [one.get("path") for one in body.get("errors", ())]}


async def _told_anew(gateway: Gateway, asking: Caller, document: str) -> tuple[int, Any]:
    """What a process that has just started answers."""
    async with gateway.pool.acquire() as connection:
        packs = await PacksInForce.load(connection)
    other = replace(gateway, packs=packs, callers=CallerMemory())
    async with http_of(create_app(other.settings, other)) as http:
        return await _told(Caller(http, asking.headers), document)


@pytest.mark.parametrize("document", [PEOPLE, EXECUTED], ids=["compiled", "executed"])
@pytest.mark.parametrize(("kind", "change"), CHANGES, ids=_IDS)
async def test_a_change_counts_at_the_next_request(
    gateway: Gateway, callers: Callers, pool: Pool, kind: str, change: Change, document: str
) -> None:
    asking = callers[kind]
    before = await _told(asking, document)
    assert before == await _told(asking, document)
    await _carried_out(pool, change)
    after = await _told(asking, document)
    assert after == await _told_anew(gateway, asking, document)
    assert before[0] == 200
    assert after != before


@pytest.mark.parametrize(("kind", "change"), CHANGES, ids=_IDS)
async def test_a_change_between_the_caller_and_the_statement_counts(
    gateway: Gateway, callers: Callers, pool: Pool, monkeypatch: pytest.MonkeyPatch, kind: str, change: Change
) -> None:
    """The caller is taken from memory, then somebody changes her access, then the statement runs."""
    asking, left = callers[kind], [change]
    before = await _told(asking, PEOPLE)
    assert before == await _told(asking, PEOPLE)

    async def changing(*given: Any) -> reading.Read:
        if left:
            await _carried_out(pool, left.pop())
        return await reading.read(*given)

    monkeypatch.setattr(execution, "read", changing)
    between = await _told(asking, PEOPLE)
    assert not left, "the compiled read ran"
    assert between == await _told_anew(gateway, asking, PEOPLE)
    assert between != before


async def _carried_out(pool: Pool, change: Change) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await change(connection)


async def test_the_last_day_ends_at_midnight(gateway: Gateway, callers: Callers, pool: Pool, clock: Clock) -> None:
    """Nothing is written then: the day alone is another. Midnight is that of the state's time zone."""

    async def last_day(connection: Connection) -> None:
        await connection.execute("update role_assignments set last_day = $2 where id = $1", HELD, date(2026, 11, 21))
        await _raised(connection)

    await _carried_out(pool, last_day)
    before = {kind: await _told(asking, PEOPLE) for kind, asking in callers.items()}
    clock.forward(minutes=3)
    for kind, asking in callers.items():
        after = await _told(asking, PEOPLE)
        assert after == await _told_anew(gateway, asking, PEOPLE)
        assert after[0] == 200
        assert after != before[kind]


async def test_a_key_that_is_withdrawn_ends_its_tokens(
    app: Starlette, callers: Callers, pool: Pool, clock: Clock
) -> None:
    """At the latest when the keys are read again, a minute later; a new key beside it changes nothing."""
    asking = callers["token"]
    before = await _told(asking, PEOPLE)
    await key_ring_of(request_of(app, {})).rotate(clock(), "a test")
    assert await _told(asking, PEOPLE) == before
    async with pool.acquire() as connection:
        await connection.execute("update signing_keys set published_until = $1", clock() - timedelta(days=1))
    clock.forward(seconds=61)
    assert (await _told(asking, PEOPLE))[0] == 401
