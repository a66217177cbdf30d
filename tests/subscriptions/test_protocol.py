"""graphql-transport-ws (npm graphql-ws, PROTOCOL.md): what may be said when, and the close code of each fault."""

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.cookies import Cookie
from gateway.graphql.subscriptions import live, socket
from gateway.graphql.subscriptions.protocol import LONGEST_ID, MOST_BYTES
from tests.graphql.world import Caller, user_id
from tests.oidc.world import ISSUER
from tests.subscriptions.conftest import AsSession, Connect, acknowledged
from tests.subscriptions.talk import FOLLOW, Talk

VIEWER = "{ viewer { user { id } } }"


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("chat",)], ids=["none", "the legacy one", "unknown"])
async def test_4406_another_subprotocol(connected: Connect, protocols: tuple[str, ...]) -> None:
    talk = await connected(protocols=protocols)
    assert talk.socket.subprotocol is None
    assert await talk.closed() == (4406, "Subprotocol not acceptable")


async def test_the_subprotocol_is_chosen_of_several(connected: Connect) -> None:
    talk = await connected(protocols=("graphql-ws", "graphql-transport-ws"))
    assert talk.socket.subprotocol == "graphql-transport-ws"


async def test_4408_without_connection_init(connected: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "INIT_SECONDS", 0.05)
    assert await (await connected()).closed() == (4408, "Connection initialisation timeout")


async def test_4429_for_a_second_connection_init(system: Talk) -> None:
    await system.say("connection_init")
    assert await system.closed() == (4429, "Too many initialisation requests")


async def test_4401_before_connection_init(connected: Connect) -> None:
    talk = await connected()
    await talk.ask(VIEWER)
    assert (await talk.closed())[0] == 4401


async def test_4403_for_nobody(connected: Connect) -> None:
    talk = await connected()
    await talk.say("connection_init")
    code, reason = await talk.closed()
    assert code == 4403
    assert reason.startswith("Sign in, or send a token")


@pytest.mark.parametrize("token", ["Bearer nonsense", "Basic eDp5", "", 7, "Bearer é", "Bearer x\ncookie\ny"])
async def test_4403_for_a_token_that_is_none(connected: Connect, token: object) -> None:
    talk = await connected()
    await talk.say("connection_init", payload={"Authorization": token})
    assert (await talk.closed())[0] == 4403


async def test_4403_for_two_credentials(connected: Connect, as_system: Caller) -> None:
    talk = await connected(Authorization=as_system.headers["Authorization"])
    await talk.say("connection_init", payload={"Authorization": as_system.headers["Authorization"]})
    assert (await talk.closed())[0] == 4403


async def test_4409_for_an_id_in_use(system: Talk) -> None:
    await system.follow("cers")
    await system.ask(VIEWER)
    assert await system.closed() == (4409, "Subscriber for 1 already exists")


@pytest.mark.parametrize(
    "said",
    [
        "", "nonsense", "[]", "7", "{}", '{"type": 7}', '{"type": "start"}', '{"type": "connection_ack"}',
        '{"type": "connection_terminate"}', '{"type": "ping", "payload": 7}', '{"type": "next", "id": "1"}',
        '{"type": "subscribe", "payload": {"query": "{ a }"}}', '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": "1", "payload": {}}', '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "extensions": "x"}}',
        '{"type": "complete"}', '{"type": "complete", "id": {}}',
        json.dumps({"type": "complete", "id": "x" * (LONGEST_ID + 1)}),
        b'{"type": "ping"}',
    ],
)  # fmt: skip
async def test_4400_for_anything_else(system: Talk, said: str | bytes) -> None:
    await system.socket.send(said)
    assert (await system.closed())[0] == 4400


async def test_1009_for_a_message_that_is_too_large(system: Talk) -> None:
    await system.say("ping", payload={"x": "x" * MOST_BYTES})
    assert (await system.closed())[0] == 1009


async def test_pings_are_answered_with_their_payload_also_before_connection_init(connected: Connect) -> None:
    talk = await connected()
    await talk.say("ping", payload={"at": 1})
    assert await talk.hear() == {"type": "pong", "payload": {"at": 1}}
    await talk.say("pong")
    await talk.say("ping")
    assert await talk.hear() == {"type": "pong"}


async def test_a_query_is_answered_once_and_its_id_is_free_again(in_session: AsSession) -> None:
    talk = await in_session("teacher")
    for _ in range(2):
        await talk.ask(VIEWER, "q")
        message = await talk.hear()
        assert (message["type"], message["id"]) == ("next", "q")
        assert message["payload"]["data"] == {"viewer": {"user": {"id": str(user_id("teacher"))}}}
        assert await talk.hear() == {"type": "complete", "id": "q"}


async def test_a_mutation_is_not_carried_out(in_session: AsSession) -> None:
    talk = await in_session("primary")
    await talk.ask("mutation { removeRoles(input: {assignments: []}) { removed } }")
    assert await talk.error() == (
        "BAD_USER_INPUT",
        "Mutations aren't carried out over a WebSocket: send them by POST.",
    )


@pytest.mark.parametrize(
    "document",
    ["{", "{ nothing }", "subscription { nothing }", f"query A {VIEWER} query B {VIEWER}", FOLLOW],
)
async def test_what_cannot_be_run_ends_the_operation_alone(system: Talk, document: str) -> None:
    await system.ask(document)
    assert (await system.error())[0] == "BAD_USER_INPUT"
    await system.follow("cers")


async def test_several_root_fields_are_no_subscription(system: Talk) -> None:
    await system.ask(
        'subscription { a: accessChanged(system: "cers") { gap } b: accessChanged(system: "cers") { gap } }'
    )
    assert (await system.error())[0] == "BAD_USER_INPUT"


async def test_complete_ends_an_operation_and_unknown_ids_are_passed_over(system: Talk) -> None:
    await system.follow("cers")
    await system.say("complete", "1")
    await system.say("complete", "never there")
    await system.follow("cers")


async def test_operations_of_one_connection_are_bounded(system: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "MOST_OPERATIONS", 2)
    await system.follow("cers", id_="1")
    await system.follow("cers", id_="2")
    await system.ask(FOLLOW, "3", system="cers")
    assert (await system.error("3"))[0] == "THROTTLED"
    await system.say("complete", "1")
    await system.follow("cers", id_="3")


async def test_connections_of_one_caller_are_bounded(
    connected: Connect, as_system: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_OF_ONE_CALLER", 2)
    first = await acknowledged(await connected(), as_system)
    await acknowledged(await connected(), as_system)
    third = await connected()
    await third.say("connection_init", payload={"Authorization": as_system.headers["Authorization"]})
    code, reason = await third.closed()
    assert (code, "connections" in reason) == (1013, True)
    await first.socket.close()
    await acknowledged(await connected(), as_system)


async def test_connections_of_a_process_are_bounded(connected: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_SOCKETS", 1)
    await connected()
    assert (await (await connected()).closed())[0] == 1013


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example", "null", ISSUER + ".example"])
async def test_a_session_is_for_our_own_pages_alone(address: str, origin: str | None, as_person: Any) -> None:
    caller = await as_person("teacher")
    headers = caller.headers | ({"Origin": origin} if origin else {})
    with pytest.raises(InvalidStatus) as refused:
        await connect(address, additional_headers=headers)
    response = refused.value.response
    assert response.status_code == 403
    body = json.loads(response.body or b"")
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert response.headers["x-request-id"] == body["errors"][0]["extensions"]["requestId"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_token_may_be_sent_from_anywhere_for_no_browser_sends_one_by_itself(
    connected: Connect, as_system: Caller
) -> None:
    talk = await connected(Origin="https://cers.example")
    await acknowledged(talk, as_system)
    await talk.follow("cers")


async def test_a_token_in_the_header_is_enough(connected: Connect, as_system: Caller) -> None:
    talk = await connected(Authorization=as_system.headers["Authorization"])
    await talk.init()
    await talk.follow("cers")


async def test_a_token_in_the_address_is_refused(connected: Connect, as_system: Caller) -> None:
    token = as_system.headers["Authorization"].partition(" ")[2]
    with pytest.raises(InvalidStatus) as refused:
        await connected(f"?access_token={token}")
    assert refused.value.response.status_code == 400


async def test_a_cookie_of_no_session_is_nobody(connected: Connect) -> None:
    talk = await connected(Cookie=f"{Cookie.SESSION}=unknown", Origin=ISSUER)
    await talk.say("connection_init")
    assert (await talk.closed())[0] == 4403


async def test_elsewhere_there_is_no_socket(address: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(address.replace("/graphql", "/graphql/schema"))
    assert refused.value.response.status_code in (403, 404)
