"""Events that are fetched (RFC 8936): in order, until they are acknowledged; errors; waiting; verification; states."""

import asyncio
from typing import Any

import httpx2
import pytest

from gateway.signals import poll
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from tests.oidc.world import LEA, Clock, person
from tests.signals.world import PUSH, SSF, Api, event_of, key_set, kind_of, verified


@pytest.fixture
async def dana(http: httpx2.AsyncClient, connection: Connection) -> UserId:
    return await person(connection, "dana", ("lea-coordinator", LEA))


async def happen(connection: Connection, user: UserId, times: int = 1) -> None:
    """Something that is told; each time another thing."""
    for _ in range(times):
        await connection.execute(
            "update users set status = case status when 'active' then 'suspended' else 'active' end where id = $1", user
        )


async def claims(api: Api, answer: dict[str, Any]) -> list[dict[str, Any]]:
    keys = await key_set(api.http)
    return [verified(token, keys, api.client) for token in answer["sets"].values()]


async def test_what_is_not_acknowledged_comes_again_alike(api: Api, dana: UserId, connection: Connection) -> None:
    """RFC 8936 2.4: at least once; the same `jti` says that it is the same."""
    stream = await api.create()
    await happen(connection, dana, 3)
    first, second = await api.poll(stream), await api.poll(stream)
    assert list(first["sets"]) == list(second["sets"])
    assert await claims(api, first) == await claims(api, second)
    assert first["moreAvailable"] is False
    answer = await api.poll(stream, ack=list(first["sets"])[:1])
    assert list(answer["sets"]) == list(first["sets"])[1:]
    assert (await api.poll(stream, ack=list(first["sets"])))["sets"] == {}


async def test_no_more_than_asked_for_are_told_at_once(api: Api, dana: UserId, connection: Connection) -> None:
    """RFC 8936 2.2, maxEvents: 0 acknowledges alone."""
    stream = await api.create()
    await happen(connection, dana, 3)
    answer = await api.poll(stream, maxEvents=2)
    assert (len(answer["sets"]), answer["moreAvailable"]) == (2, True)
    assert await api.poll(stream, maxEvents=0, ack=list(answer["sets"])) == {"sets": {}, "moreAvailable": False}
    answer = await api.poll(stream, maxEvents=2)
    assert (len(answer["sets"]), answer["moreAvailable"]) == (1, False)


async def test_an_event_that_a_receiver_refuses_is_put_aside(api: Api, dana: UserId, connection: Connection) -> None:
    """OIDSSFTransmitterStreamVerificationSetErrsTest: its code is kept, not what the receiver says besides."""
    stream = await api.create()
    await happen(connection, dana, 2)
    first, second = (await api.poll(stream))["sets"]
    said = {"err": "invalid_request", "description": "dana@example.org"}
    answer = await api.poll(stream, setErrs={first: said, "unknown": {"err": "x"}})
    assert list(answer["sets"]) == [second]
    rows = await connection.fetch("select * from signal_deliveries where dead_at is not null")
    assert [(str(row["jti"]), row["error"]) for row in rows] == [(first, "invalid_request")]


async def test_others_events_can_not_be_acknowledged(
    http: httpx2.AsyncClient, api: Api, dana: UserId, connection: Connection
) -> None:
    other = Api(http, client="scorer")
    mine, theirs = await api.create(), await other.create()
    await happen(connection, dana)
    (jti,) = (await other.poll(theirs))["sets"]
    await api.poll(mine, ack=[jti], setErrs={jti: {"err": "invalid_request"}})
    assert list((await other.poll(theirs))["sets"]) == [jti]


@pytest.mark.parametrize(
    "body",
    [
        {"maxEvents": -1}, {"maxEvents": "1"}, {"maxEvents": True}, {"returnImmediately": "yes"}, {"ack": "x"},
        {"ack": ["x"] * 1001}, {"setErrs": []}, {"setErrs": {"x": "y"}}, {"setErrs": {"x": {}}},
    ],
)  # fmt: skip
async def test_malformed_polls_are_refused(api: Api, body: dict[str, Any]) -> None:
    stream = await api.create()
    answer = await api.call("POST", f"/ssf/poll/{stream['stream_id']}", body)
    assert answer.status_code == 400


async def test_a_poll_that_waits_is_answered_when_something_happens(
    api: Api, dana: UserId, connection: Connection, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OIDSSFTransmitterStreamVerificationLongPollTest"""
    monkeypatch.setattr(poll, "_LOOK_SECONDS", 0.05)
    stream = await api.create()
    waiting = asyncio.create_task(api.poll(stream, returnImmediately=False))
    while not gateway.signals.polls_waiting:  # noqa: ASYNC110 - a figure, which tells nobody that it changes
        await asyncio.sleep(0)
    await happen(connection, dana)
    assert len((await waiting)["sets"]) == 1


async def test_waiting_has_an_end(api: Api, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(poll, "LONGEST_WAIT_SECONDS", 0.05)
    stream = await api.create()
    assert (await api.poll(stream, returnImmediately=False))["sets"] == {}
    assert gateway.signals.polls_waiting == 0
    monkeypatch.setattr(poll, "LONGEST_WAIT_SECONDS", 600)
    gateway.signals.polls_waiting = 100
    assert (await api.poll(stream, returnImmediately=False))["sets"] == {}, "at once, where too many wait"


async def test_a_verification_gives_back_its_state(api: Api, clock: Clock) -> None:
    """openid-ssf-transmitter-stream-verification-poll-only"""
    stream = await api.create()
    asked = {"stream_id": stream["stream_id"], "state": "VGhpcyBpcw=="}
    answer = await api.call("POST", "/ssf/verification", asked)
    assert (answer.status_code, answer.content) == (204, b"")
    (found,) = await api.fetch(stream)
    assert found["events"] == {SSF + "verification": {"state": "VGhpcyBpcw=="}}
    assert found["sub_id"] == {"format": "opaque", "id": stream["stream_id"]}
    answer = await api.call("POST", "/ssf/verification", asked)
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    clock.forward(seconds=stream["min_verification_interval"])
    assert (await api.call("POST", "/ssf/verification", {"stream_id": stream["stream_id"]})).status_code == 204
    (found,) = await api.fetch(stream)
    assert event_of(found) == {}


async def test_while_paused_what_happens_is_held(api: Api, dana: UserId, connection: Connection) -> None:
    """OIDSSFTransmitterPausedStreamHoldsEventsTest"""
    stream = await api.create()
    await api.set_status(stream, "paused")
    await happen(connection, dana, 2)
    await api.call("POST", "/ssf/verification", {"stream_id": stream["stream_id"]})
    assert (await api.poll(stream))["sets"] == {}
    await api.set_status(stream, "enabled")
    kinds = [kind_of(one) for one in await api.fetch(stream)]
    assert sorted(kinds) == ["account-disabled", "account-enabled", "verification"]
    assert kinds.index("account-disabled") < kinds.index("account-enabled")


async def test_while_disabled_what_happens_is_dropped(
    http: httpx2.AsyncClient, api: Api, dana: UserId, connection: Connection, clock: Clock
) -> None:
    """openid-ssf-transmitter-disabled-stream-drops-events; another receiver still hears it."""
    other = Api(http, client="scorer")
    stream, theirs = await api.create(), await other.create()
    await happen(connection, dana)
    await api.poll(stream)
    await api.set_status(stream, "disabled")
    await happen(connection, dana)
    await api.call("POST", "/ssf/verification", {"stream_id": stream["stream_id"]})
    assert (await api.poll(stream))["sets"] == {}
    await api.set_status(stream, "enabled")
    assert await api.fetch(stream) == []
    await happen(connection, dana)
    assert [kind_of(one) for one in await api.fetch(stream)] == ["account-disabled"]
    assert len(await other.fetch(theirs)) == 3


async def test_a_stream_that_pushes_is_not_fetched(api: Api) -> None:
    stream = await api.create(delivery={"method": PUSH, "endpoint_url": "https://8.8.8.8/events"})
    answer = await api.call("POST", f"/ssf/poll/{stream['stream_id']}", {})
    assert answer.status_code == 403


async def test_whoever_is_not_registered_so_any_more_fetches_nothing(
    api: Api, dana: UserId, connection: Connection
) -> None:
    stream = await api.create()
    await happen(connection, dana)
    await connection.execute("update relying_parties set changes_by = 'refresh' where client_id = 'listener'")
    answer = await api.call("POST", f"/ssf/poll/{stream['stream_id']}", {})
    assert answer.status_code == 403
