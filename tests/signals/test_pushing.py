"""Events that are pushed (RFC 8935) to a real receiver: its answers, its absence, its return, and nobody else's ear."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from gateway import outgoing
from gateway.oidc.keys.ring import KeyRing
from gateway.outgoing import Answer
from gateway.signals.pushing import Pusher
from gateway.signals.working import NOT_READ, push_due, upkeep
from gateway.state import Gateway
from policy.ids import UserId
from policy.signals import MOST_ATTEMPTS
from store.database import Connection
from tests.oidc.world import LEA, Clock, person
from tests.signals.world import (
    PUSH,
    Api,
    Receiver,
    claims_unchecked,
    event_of,
    key_set,
    kind_of,
    person_of,
    refusal,
    verified,
)


@pytest.fixture
async def dana(http: httpx2.AsyncClient, connection: Connection) -> UserId:
    return await person(connection, "dana", ("lea-coordinator", LEA))


@pytest.fixture
async def eli(http: httpx2.AsyncClient, connection: Connection) -> UserId:
    return await person(connection, "eli", ("lea-coordinator", LEA))


async def pushed_to(api: Api, receiver: Receiver, **more: str) -> dict[str, Any]:
    return await api.create(delivery={"method": PUSH, "endpoint_url": receiver.url, **more})


async def happen(connection: Connection, *users: UserId, times: int = 1) -> None:
    for _ in range(times):
        for user in users:
            await connection.execute(
                "update users set status = case status when 'active' then 'suspended' else 'active' end where id = $1",
                user,
            )


async def waiting(connection: Connection) -> int:
    return await connection.fetchval("select count(*) from signal_deliveries where dead_at is null")


async def state(connection: Connection) -> Mapping[str, Any]:
    row = await connection.fetchrow("select * from signal_streams")
    assert row is not None
    return dict(row.items())


async def test_a_receiver_gets_signed_events_with_its_header(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, connection: Connection
) -> None:
    """RFC 8935 2.1 and 2.2, SSF 1.0 6.1.1"""
    await pushed_to(api, receiver, authorization_header="Bearer s3cret")
    await happen(connection, dana, times=2)
    await push_due(gateway, pusher)
    keys = await key_set(api.http)
    found = [verified(token, keys, "listener") for token in receiver.taken]
    assert [(kind_of(one), person_of(one)) for one in found] == [
        ("account-disabled", str(dana)),
        ("account-enabled", str(dana)),
    ]
    for headers in receiver.headers:
        assert headers["content-type"] == "application/secevent+jwt"
        assert headers["accept"] == "application/json"
        assert headers["authorization"] == "Bearer s3cret"
    assert await waiting(connection) == 0
    assert (await state(connection))["delivered"] == 2


async def test_a_receiver_that_is_down_gets_everything_afterwards(
    api: Api, dana: UserId, eli: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, clock: Clock,
    connection: Connection,
) -> None:  # fmt: skip
    """A day without it: pauses grow to 15 minutes, nothing is lost, each person's events come in their order."""
    await pushed_to(api, receiver)
    receiver.down = True
    await happen(connection, dana, eli, times=3)
    for _ in range(200):
        await push_due(gateway, pusher)
        clock.forward(minutes=8)
    assert receiver.taken == []
    calls = len(receiver.seen)
    assert calls < 150 * 8, "it is not called each time that somebody looks"
    port = receiver.port
    receiver.stop()
    await push_due(gateway, pusher)
    assert (await state(connection))["last_error"] in ("not reached", "status 503")
    receiver.port, receiver.down = port, False
    receiver.start()
    clock.forward(minutes=30)
    await push_due(gateway, pusher)
    found = [claims_unchecked(token) for token in receiver.taken]
    for user in (dana, eli):
        kinds = [kind_of(one) for one in found if person_of(one) == str(user)]
        assert kinds == ["account-disabled", "account-enabled", "account-disabled"]
    assert await waiting(connection) == 0
    assert (await state(connection))["failures"] == 0


@pytest.mark.parametrize("error", ["invalid_request", "invalid_state", "own_code"])
async def test_an_event_that_is_refused_is_put_aside_and_the_next_one_follows(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, connection: Connection, error: str
) -> None:
    """RFC 8935 2.3"""
    await pushed_to(api, receiver)
    first = True

    def refuse(_: str) -> Response | None:
        nonlocal first
        refused, first = first, False
        return refusal(error) if refused else None

    receiver.refuse = refuse
    await happen(connection, dana, times=2)
    await push_due(gateway, pusher)
    assert [kind_of(claims_unchecked(one)) for one in receiver.taken] == ["account-enabled"]
    dead = await connection.fetchrow("select * from signal_deliveries")
    assert dead is not None
    assert dead["dead_at"] is not None
    assert dead["error"] == ("unknown code" if error == "own_code" else error)


@pytest.mark.parametrize(
    "error", ["invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed", "access_denied"]
)
async def test_a_receiver_that_is_set_up_wrongly_loses_nothing(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, clock: Clock, connection: Connection,
    error: str,
) -> None:  # fmt: skip
    """RFC 8935 2.4: what is wrong is no event's fault; everything waits until it is mended."""
    await pushed_to(api, receiver)
    receiver.refuse = lambda _: refusal(error)
    await happen(connection, dana)
    await push_due(gateway, pusher)
    assert len(receiver.seen) == 1
    assert (await state(connection))["last_error"] == error
    await push_due(gateway, pusher)
    assert len(receiver.seen) == 1, "not before its time"
    receiver.refuse = lambda _: None
    clock.forward(minutes=20)
    await push_due(gateway, pusher)
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("status", [200, 301, 307, 401, 404, 429, 500])
async def test_only_202_says_that_an_event_was_taken(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, connection: Connection, status: int
) -> None:
    """RFC 8935 2.2; no redirect is followed."""
    await pushed_to(api, receiver)
    receiver.refuse = lambda _: Response(status_code=status, headers={"Location": receiver.url + "2"})
    await happen(connection, dana)
    await push_due(gateway, pusher)
    assert (len(receiver.seen), await waiting(connection)) == (1, 1)
    assert (await state(connection))["last_error"] == f"status {status}"


async def test_one_event_does_not_hold_up_a_stream_for_ever(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, clock: Clock, connection: Connection
) -> None:
    """400 with nothing that explains it: after ten attempts the next one's turn comes."""
    await pushed_to(api, receiver)
    receiver.refuse = lambda token: Response(status_code=400) if "disabled" in repr(claims_unchecked(token)) else None
    await happen(connection, dana, times=2)
    for _ in range(MOST_ATTEMPTS):
        assert receiver.taken == []
        await push_due(gateway, pusher)
        clock.forward(minutes=20)
    assert [kind_of(claims_unchecked(one)) for one in receiver.taken] == ["account-enabled"]


@pytest.mark.checklist("60 an event of long ago")
async def test_an_answer_that_is_lost_means_the_same_event_once_more(
    api: Api, dana: UserId, receiver: Receiver, gateway: Gateway, clock: Clock, connection: Connection
) -> None:
    """Killed between the receiver's answer and its recording: the same `jti`, the same claims."""
    await pushed_to(api, receiver)
    await happen(connection, dana, times=2)
    keys = KeyRing(gateway.pool, gateway.secret_key)

    class KilledError(BaseException):
        """What nothing catches."""

    async def killed(issuer: str, method: str, url: str, **how: Any) -> Answer:
        await outgoing.call(issuer, method, url, **how)
        raise KilledError

    with pytest.raises(BaseException):  # noqa: B017, PT011 - a task group wraps it
        await push_due(gateway, Pusher(gateway, keys, call=killed))
    await connection.execute("update signal_streams set working_by = gen_random_uuid(), working_until = $1", clock())
    clock.forward(minutes=2)
    await push_due(gateway, Pusher(gateway, keys))
    found = [claims_unchecked(token) for token in receiver.taken]
    assert [kind_of(one) for one in found] == ["account-disabled", "account-disabled", "account-enabled"]
    assert found[0] == found[1]


async def test_who_has_a_stream_in_hand_keeps_it_until_it_is_believed_dead(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, clock: Clock, connection: Connection
) -> None:
    await pushed_to(api, receiver)
    await happen(connection, dana)
    until = clock().replace(minute=clock().minute + 1)
    await connection.execute("update signal_streams set working_by = gen_random_uuid(), working_until = $1", until)
    await push_due(gateway, pusher)
    assert receiver.seen == []
    clock.forward(minutes=1)
    await push_due(gateway, pusher)
    assert len(receiver.taken) == 1


async def test_a_stream_that_nobody_reads_is_disabled_and_its_receiver_told(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, clock: Clock, connection: Connection
) -> None:
    """After a week the queue goes; what the receiver hears first when it is back is that it missed something."""
    stream = await pushed_to(api, receiver)
    receiver.down = True
    await happen(connection, dana, times=2)
    await push_due(gateway, pusher)
    clock.forward(days=6)
    await upkeep(gateway)
    assert (await state(connection))["status"] == "enabled"
    clock.forward(days=2)
    await upkeep(gateway)
    found = await state(connection)
    assert (found["status"], found["status_by"], found["reason"]) == ("disabled", "transmitter", NOT_READ)
    await happen(connection, dana)
    receiver.down = False
    await push_due(gateway, pusher)
    (told,) = [claims_unchecked(token) for token in receiver.taken]
    assert kind_of(told) == "stream-updated"
    assert told["sub_id"] == {"format": "opaque", "id": stream["stream_id"]}
    assert event_of(told) == {"status": "disabled", "reason": NOT_READ}
    assert (await api.set_status(stream, "enabled")).status_code == 200
    await happen(connection, dana)
    await push_due(gateway, pusher)
    assert len(receiver.taken) == 2


async def test_what_every_stream_has_is_forgotten(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, connection: Connection
) -> None:
    await pushed_to(api, receiver)
    await happen(connection, dana)
    await upkeep(gateway)
    assert await connection.fetchval("select count(*) from signal_events") == 1
    await push_due(gateway, pusher)
    await upkeep(gateway)
    assert await connection.fetchval("select count(*) from signal_events") == 0
    (report,) = gateway.signals.reports
    assert (report.waiting, report.behind, report.oldest_at, report.delivered) == (0, 0, None, 1)


@pytest.mark.checklist(60)
async def test_a_name_that_leads_inside_later_is_not_called(
    api: Api, dana: UserId, pusher: Pusher, gateway: Gateway, connection: Connection
) -> None:
    """SSRF: judged again at each call; what is plain http beyond this machine is never sent."""
    await api.create(delivery={"method": PUSH, "endpoint_url": "https://8.8.8.8/events"})
    await connection.execute("update signal_streams set endpoint_url = 'http://169.254.169.254/latest'")
    await happen(connection, dana)
    await push_due(gateway, pusher)
    assert (await state(connection))["last_error"] == "not permitted"
    assert await waiting(connection) == 1


async def test_a_client_that_is_turned_off_is_told_nothing(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, connection: Connection
) -> None:
    await pushed_to(api, receiver)
    await happen(connection, dana)
    for change in ("active = false", "active = true, changes_by = 'refresh'"):
        await connection.execute(f"update relying_parties set {change} where client_id = 'listener'")
        await push_due(gateway, pusher)
    assert receiver.seen == []


async def test_figures_are_measured(
    api: Api, dana: UserId, receiver: Receiver, pusher: Pusher, gateway: Gateway, clock: Clock, connection: Connection
) -> None:
    await pushed_to(api, receiver)
    await happen(connection, dana)
    await upkeep(gateway)
    clock.forward(days=1)
    await upkeep(gateway)
    text = (await api.http.get("/metrics")).text
    assert 'hallpass_signal_stream{client="listener",figure="behind"} 1.0' in text
    assert 'hallpass_signal_stream{client="listener",figure="lag_seconds"} ' in text
    await push_due(gateway, pusher)
    text = (await api.http.get("/metrics")).text
    assert 'hallpass_signals_total{client="listener",outcome="delivered"} 1.0' in text
