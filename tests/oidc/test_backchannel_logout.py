"""Back-channel logout: whatever ends a session tells its relying parties (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwt as jose
from joserfc.jwk import KeySet as JwkSet

from gateway.oidc.keys.ring import KeyRing
from gateway.oidc.keys.verification import ID_TOKEN, BadTokenError, verified_claims
from gateway.oidc.logout.backchannel import again_in, send_logout_notice
from gateway.outbox.again import AgainLaterError
from gateway.outbox.running import entrypoints
from gateway.outbox.upkeep import keep_outbox
from gateway.outbox.worker import Pace, Worker, working
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.logout_notices import LOGOUT_NOTICE
from store.sessions import finish_everything, finish_session
from tests.oidc.listening_party import ListeningParty
from tests.oidc.world import (
    ISSUER,
    PARK,
    SCORING,
    Browser,
    Clock,
    claims_of,
    csrf,
    header_of,
    ident,
    person,
    token_request,
)

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def clock() -> Clock:
    """Notices are written by the database, whose time is the real one."""
    return Clock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
async def party() -> AsyncIterator[ListeningParty]:
    async with ListeningParty().open() as listening:
        yield listening


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser, party: ListeningParty) -> Browser:
    await connection.execute(
        "update relying_parties set backchannel_logout_uri = $1 where client_id = 'reporting'", party.uri
    )
    await person(connection, "ana", ("site-coordinator", PARK), ("lea-caaspp-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def sign_out(browser: Browser) -> None:
    page = await browser.http.get("/signin?next=/account")
    assert (await browser.http.post("/signin/out", data={"csrf": csrf(page)})).status_code == 303


async def payloads(connection: Connection) -> list[bytes]:
    """The jobs that wait, taken from the queue."""
    rows = await connection.fetch(
        "delete from pgqueuer where entrypoint = $1 and status = 'queued' returning id, payload", LOGOUT_NOTICE
    )
    return [row["payload"] for row in sorted(rows, key=lambda row: row["id"])]


async def deliver(gateway: Gateway, connection: Connection) -> list[timedelta]:
    """Do the waiting jobs; after how long those that failed come again."""
    ring, delays = KeyRing(gateway.pool, gateway.secret_key), list[timedelta]()
    for payload in await payloads(connection):
        try:
            await send_logout_notice(gateway, ring, payload)
        except AgainLaterError as again:
            delays.append(again.delay)
    return delays


async def states(connection: Connection) -> list[tuple[str, str]]:
    rows = await connection.fetch("select client_id, state from logout_notices order by created_at, client_id")
    return [(row["client_id"], row["state"]) for row in rows]


@pytest.mark.checklist("32 signed", "32 of its own kind")
@pytest.mark.conformance("oidcc-backchannel-rp-initiated-logout")
async def test_the_logout_token(ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty) -> None:
    """oidcc-backchannel-rp-initiated-logout: section 2.4, signed with a published key in the registered algorithm."""
    tokens = await ana.tokens()
    identity = claims_of(tokens["id_token"])
    answer = await ana.http.get("/oauth2/logout", params={"id_token_hint": tokens["id_token"]})
    assert answer.status_code == 200
    assert await deliver(gateway, connection) == []
    (head, form), *rest = party.received
    assert rest == []
    assert head.startswith("POST /backchannel HTTP/1.1\r\n")
    assert "content-type: application/x-www-form-urlencoded" in head.lower()
    assert list(form) == ["logout_token"]
    token = form["logout_token"][0]
    assert (header_of(token)["typ"], header_of(token)["alg"]) == ("logout+jwt", "RS256")
    claims = claims_of(token)
    now = int(gateway.now().timestamp())
    assert claims == {
        "iss": ISSUER,
        "sub": str(ident("ana")),
        "aud": "reporting",
        "iat": now,
        "exp": now + 120,
        "jti": claims["jti"],
        "sid": identity["sid"],
        "events": {EVENT: {}},
    }
    assert UUID(claims["jti"])
    keys = JwkSet.import_key_set((await ana.http.get("/oauth2/jwks")).json())
    assert jose.decode(token, keys, algorithms=["RS256"]).claims == claims
    assert await states(connection) == [("reporting", "sent")]


@pytest.mark.checklist("19 in the place of an ID token", "32 of its own kind")
async def test_a_logout_token_is_no_id_token_nor_an_id_token_a_logout_token(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty
) -> None:
    """`typ` keeps them apart, and `nonce` is in the one alone."""
    identity = (await ana.tokens())["id_token"]
    await sign_out(ana)
    await deliver(gateway, connection)
    token = party.tokens[0]
    assert "nonce" not in claims_of(token)
    assert "events" not in claims_of(identity)
    keys = await KeyRing(gateway.pool, gateway.secret_key).at(gateway.now())
    with pytest.raises(BadTokenError):
        verified_claims(token, ID_TOKEN, keys, ISSUER, gateway.now(), hint=True)
    page = await ana.http.get("/oauth2/logout", params={"id_token_hint": token})
    assert page.status_code == 400


@pytest.mark.checklist(32)
async def test_the_registered_algorithm(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty
) -> None:
    await connection.execute("update relying_parties set id_token_alg = 'ES256' where client_id = 'reporting'")
    await ana.tokens()
    await sign_out(ana)
    await deliver(gateway, connection)
    assert header_of(party.tokens[0])["alg"] == "ES256"


async def test_each_relying_party_of_the_session_is_told_once(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty
) -> None:
    """Also one whose authorizations were all revoked or used up, and none that wants no notices."""
    first = await ana.tokens()
    await ana.tokens()
    await token_request(ana.http, ana.client, {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})
    await ana.refresh(first["refresh_token"])  # used twice: that authorization is revoked
    await Browser(ana.http, SCORING).authorize()
    await sign_out(ana)
    assert await states(connection) == [("reporting", "queued")]
    await deliver(gateway, connection)
    assert len(party.received) == 1


async def test_a_session_without_relying_parties_tells_nobody(ana: Browser, connection: Connection) -> None:
    await sign_out(ana)
    assert await states(connection) == []


async def _suspend(connection: Connection, user: UserId) -> None:
    await connection.execute("update users set status = 'suspended' where id = $1", user)


async def _delete(connection: Connection, user: UserId) -> None:
    await connection.execute("update users set status = 'deleted', email = null, email_key = null where id = $1", user)


async def _inactive(connection: Connection, user: UserId) -> None:
    await connection.execute("update users set status = 'inactive' where id = any($1::uuid[])", [user])


async def _everything(connection: Connection, user: UserId) -> None:
    async with connection.transaction():
        await finish_everything(connection, user, datetime.now(UTC), "password")


@pytest.mark.parametrize("end", [_suspend, _delete, _inactive, _everything])
@pytest.mark.checklist("14 suspension", "32 each ending", "42 suspension")
async def test_whatever_ends_the_session_queues_the_notice_with_it(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty, end: Any
) -> None:
    tokens = await ana.tokens()
    await end(connection, UserId(ident("ana")))
    assert await states(connection) == [("reporting", "queued")]
    await deliver(gateway, connection)
    assert claims_of(party.tokens[0])["sid"] == claims_of(tokens["id_token"])["sid"]
    assert (await ana.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.checklist("32 each ending")
async def test_what_is_rolled_back_tells_nobody(ana: Browser, connection: Connection) -> None:
    await ana.tokens()
    session = await connection.fetchval("select id from sessions")
    with suppress(LookupError):
        async with connection.transaction():
            await finish_session(connection, session, datetime.now(UTC))
            assert len(await states(connection)) == 1
            raise LookupError
    assert await states(connection) == []
    assert await payloads(connection) == []


@pytest.mark.checklist("32 sent again")
async def test_a_party_that_is_down_is_told_when_it_is_up_again(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty
) -> None:
    """Each attempt brings a token of its own, signed at that time."""
    await ana.tokens()
    await sign_out(ana)
    (payload,) = await payloads(connection)
    ring = KeyRing(gateway.pool, gateway.secret_key)
    for attempt, status in enumerate((503, 400, 302, 404), start=1):
        party.status = status
        with pytest.raises(AgainLaterError) as again:
            await send_logout_notice(gateway, ring, payload)
        assert again.value.delay >= timedelta(seconds=10) * 2 ** (attempt - 1) * 0.75
        assert await states(connection) == [("reporting", "failed")]
    assert await connection.fetchval("select answer_code from logout_notices") == 404
    assert [head.split()[1] for head, _ in party.received] == ["/backchannel"] * 4, "no redirect was followed"
    party.status = 204
    await send_logout_notice(gateway, ring, payload)
    assert await states(connection) == [("reporting", "sent")]
    assert len({claims_of(token)["jti"] for token in party.tokens}) == 5
    await send_logout_notice(gateway, ring, payload)
    assert len(party.received) == 5, "sent is sent"


@pytest.mark.checklist(32)
async def test_a_party_that_cannot_be_reached(ana: Browser, gateway: Gateway, connection: Connection) -> None:
    await connection.execute(
        "update relying_parties set backchannel_logout_uri = 'http://127.0.0.1:1/' where client_id = 'reporting'"
    )
    await ana.tokens()
    await sign_out(ana)
    assert len(await deliver(gateway, connection)) == 1
    row = await connection.fetchrow("select state, answer_code, problem from logout_notices")
    assert row is not None
    assert (row["state"], row["answer_code"]) == ("failed", None)
    assert row["problem"] == "127.0.0.1 could not be reached."


async def test_it_is_given_up_after_a_day_and_a_half(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty
) -> None:
    party.status = 500
    await ana.tokens()
    await sign_out(ana)
    await connection.execute("update logout_notices set created_at = now() - interval '37 hours'")
    assert await deliver(gateway, connection) == []
    assert await states(connection) == [("reporting", "dead")]


@pytest.mark.checklist(60)
async def test_an_address_inside_of_the_network_is_given_up_at_once(
    ana: Browser, gateway: Gateway, connection: Connection
) -> None:
    """However it came into the registration."""
    await connection.execute(
        "update relying_parties set backchannel_logout_uri = 'https://169.254.169.254/' where client_id = 'reporting'"
    )
    await ana.tokens()
    await sign_out(ana)
    assert await deliver(gateway, connection) == []
    assert await states(connection) == [("reporting", "dead")]


async def test_a_party_that_wants_no_notices_any_more_gets_none(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty
) -> None:
    await ana.tokens()
    await sign_out(ana)
    await connection.execute("update relying_parties set active = false where client_id = 'reporting'")
    assert await deliver(gateway, connection) == []
    assert (await states(connection), party.received) == ([("reporting", "dropped")], [])


async def test_two_processes_do_not_send_the_same(
    ana: Browser, gateway: Gateway, connection: Connection, party: ListeningParty
) -> None:
    await ana.tokens()
    await sign_out(ana)
    (payload,) = await payloads(connection)
    await connection.execute("update logout_notices set state = 'sending', sending_until = now() + interval '1 minute'")
    with pytest.raises(AgainLaterError):
        await send_logout_notice(gateway, KeyRing(gateway.pool, gateway.secret_key), payload)
    assert party.received == []


async def test_a_notice_whose_job_was_lost_gets_another_one(ana: Browser, connection: Connection) -> None:
    await ana.tokens()
    await sign_out(ana)
    await payloads(connection)
    day: Any = None
    assert await keep_outbox(day, connection) is None
    await connection.execute("update logout_notices set created_at = now() - interval '1 hour'")
    assert await keep_outbox(day, connection) == "requeued"
    assert len(await payloads(connection)) == 1


async def test_a_worker_sends_it(
    ana: Browser, gateway: Gateway, database_url: str, connection: Connection, party: ListeningParty
) -> None:
    """From the queue, by the process that works it off."""
    await ana.tokens()
    await sign_out(ana)
    pace = Pace(heartbeat=timedelta(seconds=1), look=timedelta(seconds=0.2), pause_seconds=0.1)
    async with working(Worker(gateway, database_url, entrypoints(gateway), pace)):
        await party.heard.wait()
    assert await states(connection) == [("reporting", "sent")]


@pytest.mark.parametrize("drawn", [0, 1])
def test_attempts_come_rarer_up_to_an_hour(drawn: float) -> None:
    delays = [again_in(attempts, drawn).total_seconds() for attempts in range(1, 30)]
    assert delays == sorted(delays)
    assert 7.5 <= delays[0] <= 12.5
    assert 2_700 <= delays[-1] <= 4_500


async def test_the_last_grant_in_a_partys_systems_ends_what_it_has_and_tells_it(
    ana: Browser, connection: Connection
) -> None:
    """The session goes on, and so do other relying parties."""
    tokens = await ana.tokens()
    await connection.execute("delete from role_assignments where user_id = $1", ident("ana"))
    await connection.execute("update users set access_version = access_version + 1 where id = $1", ident("ana"))
    assert (await ana.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await states(connection) == [("reporting", "queued")]
    assert await connection.fetchval("select ended_at from sessions") is None
