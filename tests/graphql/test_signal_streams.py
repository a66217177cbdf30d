"""Streams as the state's integration administrator sees and stops them, in GraphQL; nobody else knows of any."""

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from policy.ids import ProgramCode, SchoolYear
from store.database import Connection
from store.signal_deliveries import waiting
from store.signal_streams import Configuration, Method, SetBy, Status, insert_stream, set_status
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, codes, give, person, user_id
from tests.oidc.world import NOW, STATE
from tests.signals.world import Api, receivers

STREAMS = "{ signalStreams { id clientId method status statusBy reason served waiting behind dead lastError } }"
SET = """mutation ($input: SetSignalStreamStatusInput!) { setSignalStreamStatus(input: $input) {
    stream { status statusBy reason } userErrors { code } } }"""
DELETE = """mutation ($input: DeleteSignalStreamInput!) { deleteSignalStream(input: $input) {
    deleted userErrors { code } } }"""


def kinds(answer: dict[str, Any]) -> list[str]:
    return [code for code, _ in codes(answer)]


@pytest.fixture
async def stream(as_person: AsCaller, connection: Connection) -> UUID:
    await receivers(connection)
    identifier = uuid4()
    made = Configuration(Method.POLL, None, None, ("urn:example",), None)
    assert await insert_stream(connection, identifier, "listener", made, NOW)
    return identifier


@pytest.fixture
async def administrator(as_person: AsCaller, connection: Connection) -> Caller:
    await person(connection, "wires")
    await give(connection, "wires", "integration-administrator", STATE, ProgramCode("state"), SchoolYear(""))
    return await as_person("wires")


@pytest.mark.rule("state")
async def test_the_integration_administrator_sees_how_streams_go(administrator: Caller, stream: UUID) -> None:
    (found,) = (await administrator.data(STREAMS))["signalStreams"]
    assert found == {
        "id": str(stream), "clientId": "listener", "method": "poll", "status": "ENABLED", "statusBy": "receiver",
        "reason": None, "served": True, "waiting": 0, "behind": 0, "dead": 0, "lastError": None,
    }  # fmt: skip


@pytest.mark.rule("state")
async def test_a_stop_is_told_to_the_receiver_and_audited(
    administrator: Caller, stream: UUID, connection: Connection
) -> None:
    sent = {"stream": str(stream), "status": "DISABLED", "reason": "The contract is over."}
    answer = (await administrator.data(SET, input=sent))["setSignalStreamStatus"]
    assert answer["userErrors"] == []
    assert answer["stream"] == {"status": "DISABLED", "statusBy": "administrator", "reason": sent["reason"]}
    (event,) = await waiting(connection, stream, 10, running=False)
    assert (event.kind, event.details) == ("stream-updated", {"status": "disabled", "reason": sent["reason"]})
    audited = await connection.fetchrow("select * from audit_events where action = 'setSignalStreamStatus'")
    assert audited is not None
    assert (audited["actor_id"], audited["target_id"], audited["after"]) == (
        user_id("wires"), str(stream), {"status": "disabled"},
    )  # fmt: skip
    again = (await administrator.data(SET, input=sent))["setSignalStreamStatus"]
    assert [one["code"] for one in again["userErrors"]] == ["NOTHING_CHANGES"]


async def test_a_stream_is_deleted_once(administrator: Caller, stream: UUID) -> None:
    answer = await administrator.data(DELETE, input={"stream": str(stream)})
    assert answer["deleteSignalStream"] == {"deleted": True, "userErrors": []}
    assert kinds(await administrator.ask(DELETE, input={"stream": str(stream)})) == ["NOT_FOUND"]


@pytest.mark.rule("state")
@pytest.mark.parametrize("name", ["primary", "teacher"])
async def test_nobody_else_sees_or_stops_any(
    as_person: AsCaller, stream: UUID, connection: Connection, name: str
) -> None:
    caller = await as_person(name)
    answer: Any = await caller.ask(STREAMS)
    assert kinds(answer) == ["UNAUTHORIZED_FIELD_OR_TYPE"]
    sent = {"stream": str(stream), "status": "DISABLED", "reason": ""}
    assert kinds(await caller.ask(SET, input=sent)) == ["FORBIDDEN"]
    assert kinds(await caller.ask(DELETE, input={"stream": str(stream)})) == ["FORBIDDEN"]
    assert await connection.fetchval("select status from signal_streams") == "enabled"


async def test_what_the_state_has_stopped_the_receiver_does_not_begin_again(
    http: httpx2.AsyncClient, stream: UUID, connection: Connection
) -> None:
    """403 at `/ssf/status`."""
    await set_status(connection, stream, Status.PAUSED, SetBy.ADMINISTRATOR, None, NOW)
    answer = await Api(http).call("POST", "/ssf/status", {"stream_id": str(stream), "status": "enabled"})
    assert answer.status_code == 403
    shown = await Api(http).call("GET", "/ssf/status", params={"stream_id": str(stream)})
    assert shown.json()["status"] == "paused"
