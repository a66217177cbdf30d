"""No answer is older than its request: roles taken between two questions, in this process and beside another one."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.packs_in_force import PacksInForce
from gateway.state import Gateway
from store.access_version import raise_epoch
from store.database import Connection, Pool
from tests.decisions.conftest import Api
from tests.graphql.test_query_count import counted
from tests.graphql.world import PARK, Caller, user_id
from tests.oidc.world import http_of, take_all

SITE = {"type": "user", "id": str(user_id("site"))}
ACTION = {"name": "thss:responses:view", "properties": {"assessment": "interim"}}
WHERE = {"type": "organization", "id": "school:19647331930000"}


@pytest.fixture
async def other_process(thss: Api, gateway: Gateway, pool: Pool) -> AsyncIterator[Api]:
    """The same caller at a second application with its own memories, on the same database."""
    async with pool.acquire() as connection:
        packs = await PacksInForce.load(connection)
    second: Starlette = create_app(gateway.settings, replace(gateway, packs=packs))
    async with http_of(second) as http:
        yield Api(Caller(http, thss.caller.headers))


async def test_a_role_that_was_taken_is_gone_at_the_next_question(
    thss: Api, other_process: Api, connection: Connection
) -> None:
    for api in (thss, other_process, thss, other_process):
        assert (await api.evaluate(SITE, ACTION, WHERE))["decision"] is True
    await take_all(connection, user_id("site"))
    for api in (other_process, thss):
        assert (await api.evaluate(SITE, ACTION, WHERE))["decision"] is False


async def test_a_place_s_new_code_counts_at_the_next_question(
    thss: Api, other_process: Api, connection: Connection
) -> None:
    for api in (thss, other_process):
        assert (await api.evaluate(SITE, ACTION, WHERE))["decision"] is True
    async with connection.transaction():
        await connection.execute("update organizations set code = '19647331939999' where id = $1", PARK)
        await raise_epoch(connection)
    moved = {**WHERE, "id": "school:19647331939999"}
    for api in (thss, other_process):
        assert (await api.evaluate(SITE, ACTION, WHERE))["decision"] is False
        assert (await api.evaluate(SITE, ACTION, moved))["decision"] is True


async def test_a_client_that_is_switched_off_or_loses_a_system_is_refused_at_once(
    thss: Api, other_process: Api, connection: Connection
) -> None:
    for api in (thss, other_process):
        assert (await api.evaluate(SITE, ACTION, WHERE))["decision"] is True
    await connection.execute("update relying_parties set systems = '{cers}' where client_id = 'scoring'")
    for api in (thss, other_process):
        assert (await api.evaluate(SITE, ACTION, WHERE))["context"]["reason"] == "not-your-system"
    await connection.execute("update relying_parties set role_mode = 'active-role' where client_id = 'scoring'")
    cers = {"name": "cers:results:view", "properties": {"assessment": "summative"}}
    assert (await thss.evaluate(SITE, cers, WHERE))["context"]["reason"] == "active-role-missing"
    await connection.execute("update relying_parties set active = false where client_id = 'scoring'")
    body = {"subject": SITE, "action": ACTION, "resource": WHERE}
    for api in (thss, other_process):
        assert (await api.post("evaluation", body)).status_code == 401


async def test_a_suspended_person_and_an_ended_epoch(thss: Api, connection: Connection) -> None:
    assert (await thss.evaluate(SITE, ACTION, WHERE))["decision"] is True
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("site"))
    assert (await thss.evaluate(SITE, ACTION, WHERE))["context"]["reason"] == "suspended"


async def test_warm_questions_are_one_statement_each(hallpass: Api, app: Starlette) -> None:
    people = [str(user_id(name)) for name in ("site", "teacher", "primary", "far-lead")]
    hundred = {
        "action": {"name": "toms:windows:view"},
        "resource": WHERE,
        "evaluations": [{"subject": {"type": "user", "id": people[n % 4]}} for n in range(100)],
    }
    one = {"subject": SITE, "action": ACTION, "resource": WHERE}
    for path, body in (("evaluation", one), ("evaluations", hundred)):
        await hallpass.answer(path, body)
        with counted(app) as sent:
            await hallpass.answer(path, body)
        assert len(sent) == 1, path
