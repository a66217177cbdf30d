"""What happens is told by whatever way it happened: triggers write it in the transaction (CAEP 1.0, RISC 1.0)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from gateway.oidc.keys.ring import KeyRing
from gateway.oidc.keys.verification import ACCESS_TOKEN, ID_TOKEN, BadTokenError, verified_claims
from gateway.state import Gateway
from policy.ids import UserId
from store.access_version import raise_epoch, raise_versions
from store.database import Connection
from store.deletion import delete_account
from store.passwords import set_password, void_password
from store.released_addresses import forget_old_addresses, release_address, unblock_address
from store.sessions import finish_everything, finish_session
from tests.oidc.world import HASH, LEA, NOW, PARK, Clock, give, person, take_all
from tests.signals.world import ISSUER, RISC, Api, event_of, kind_of, person_of, subject


async def session_of(connection: Connection, user: UserId, *clients: str) -> UUID:
    """A session of hers from which these relying parties were let in."""
    session = uuid4()
    await connection.execute(
        "insert into sessions (id, token_hash, user_id, auth_time, acr, amr, created_at, last_seen_at, expires_at) "
        "values ($1, $2, $3, $4, 'urn:hallpass:aal1', '{pwd}', $4, $4, $5)",
        session, session.bytes, user, NOW, NOW + timedelta(hours=8),
    )  # fmt: skip
    for client in clients:
        await connection.execute(
            "insert into authorizations (id, client_id, user_id, session_id, scope, resource, auth_time, acr, amr, "
            "created_at, expires_at) values ($1, $2, $3, $4, 'openid', 'https://x.example/', $5, "
            "'urn:hallpass:aal1', '{pwd}', $5, $6)",
            uuid4(), client, user, session, NOW, NOW + timedelta(hours=8),
        )  # fmt: skip
    return session


def told(claims: Sequence[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(kind_of(one), person_of(one)) for one in claims]


@pytest.fixture
async def dana(http: httpx2.AsyncClient, connection: Connection) -> UserId:
    """Somebody with a role that gives something in CERS."""
    return await person(connection, "dana", ("lea-coordinator", LEA))


async def test_a_change_of_access_is_told_with_its_version(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    async with connection.transaction():
        await raise_versions(connection, [dana])
    (found,) = await api.fetch(stream)
    assert told([found]) == [("token-claims-change", str(dana))]
    assert found["sub_id"] == subject("dana")
    event = event_of(found)
    assert set(event["claims"]["assessment"]) == {"access_version"}
    assert event["reason_admin"]["en"]
    assert isinstance(event["event_timestamp"], int)


async def test_what_concerns_everybody_is_one_event(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    async with connection.transaction():
        await raise_epoch(connection)
    (found,) = await api.fetch(stream)
    assert found["sub_id"] == {"format": "complex", "tenant": {"format": "uri", "uri": ISSUER}}
    assert kind_of(found) == "token-claims-change"


async def test_an_account_is_disabled_enabled_and_purged(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create(events_requested=[RISC + f"account-{what}" for what in ("disabled", "enabled", "purged")])
    for status in ("suspended", "inactive", "active", "inactive"):
        await connection.execute("update users set status = $2 where id = $1", dana, status)
    async with connection.transaction():
        await delete_account(connection, dana, NOW, NOW + timedelta(days=1))
    found = await api.fetch(stream)
    kinds = ["account-disabled", "account-enabled", "account-disabled", "account-purged"]
    assert told(found) == [(kind, str(dana)) for kind in kinds]
    assert [one["sub_id"] for one in found] == [subject("dana")] * 4


async def test_a_password_that_is_set_or_made_void_is_told(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    await connection.execute("update users set password_hash = 'rehashed' where id = $1", dana)  # by signing in
    await set_password(connection, dana, HASH, NOW, keep=0)
    await void_password(connection, dana)
    found = await api.fetch(stream)
    assert [(kind_of(one), event_of(one)["credential_type"], event_of(one)["change_type"]) for one in found] == [
        ("credential-change", "password", "update"),
        ("credential-change", "password", "revoke"),
    ]


async def test_an_address_that_changed_is_told_without_it(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    await connection.execute("update users set email = 'n@b.example', email_key = 'n@b.example' where id = $1", dana)
    (found,) = await api.fetch(stream)
    assert kind_of(found) == "identifier-changed"
    assert found["sub_id"] == subject("dana")
    assert event_of(found) == {}


async def test_an_address_that_may_be_anothers_is_told_of_whose_it_was(
    api: Api, dana: UserId, connection: Connection
) -> None:
    stream = await api.create()
    await release_address(connection, b"one", dana, NOW, NOW + timedelta(days=700))
    await release_address(connection, b"two", dana, NOW, NOW + timedelta(days=1))
    assert await api.fetch(stream) == []
    await unblock_address(connection, b"one", NOW)
    await forget_old_addresses(connection, NOW + timedelta(days=2))
    found = await api.fetch(stream)
    assert {kind_of(one) for one in found} == {"identifier-recycled"}
    assert [one["sub_id"] for one in found] == [subject("dana")] * len(found)


async def test_a_session_that_ended_is_told_to_whoever_was_let_in_from_it(
    api: Api, dana: UserId, connection: Connection
) -> None:
    stream = await api.create()
    mine = await session_of(connection, dana, "listener", "reporting")
    await session_of(connection, dana, "reporting")
    untouched = await session_of(connection, dana)
    async with connection.transaction():
        await finish_session(connection, mine, NOW)
        await finish_session(connection, untouched, NOW)
    (found,) = await api.fetch(stream)
    assert kind_of(found) == "session-revoked"
    assert found["sub_id"] == {
        "format": "complex",
        "user": subject("dana"),
        "session": {"format": "opaque", "id": str(mine)},
    }


async def test_signing_out_everywhere_tells_of_each_session(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    sessions = {str(await session_of(connection, dana, "listener")) for _ in range(3)}
    async with connection.transaction():
        await finish_everything(connection, dana, NOW, "password")
    found = await api.fetch(stream)
    assert {one["sub_id"]["session"]["id"] for one in found} == sessions
    assert len({one["txn"] for one in found}) == 1, "one cause"
    assert len({one["jti"] for one in found}) == 3


async def test_another_level_of_assurance_is_told(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    session = await session_of(connection, dana, "listener")
    await connection.execute("update sessions set acr = 'urn:hallpass:aal2' where id = $1", session)
    (found,) = await api.fetch(stream)
    event = event_of(found)
    assert kind_of(found) == "assurance-level-change"
    assert (event["namespace"], event["previous_level"], event["current_level"], event["change_direction"]) == (
        "NIST-AAL", "nist-aal1", "nist-aal2", "increase",
    )  # fmt: skip


async def test_a_passkey_that_is_added_or_removed_is_told(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    for transports in (["internal", "hybrid"], ["usb"]):
        await connection.execute(
            "insert into passkeys (id, user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, "
            "transports, aaguid, name, added_at) values ($1, $2, $3, 'k', 0, false, false, $4, $1, 'Dana''s key', $5)",
            (one := uuid4()), dana, one.bytes, transports, NOW,
        )  # fmt: skip
    await connection.execute("delete from passkeys where user_id = $1", dana)
    found = [event_of(one) for one in await api.fetch(stream)]
    assert [(one["credential_type"], one["change_type"]) for one in found[:2]] == [
        ("fido2-platform", "create"),
        ("fido2-roaming", "create"),
    ]
    assert sorted(one["credential_type"] for one in found[2:]) == ["fido2-platform", "fido2-roaming"]
    assert {one["change_type"] for one in found[2:]} == {"delete"}
    assert "Dana" not in repr(found)


async def test_an_app_and_recovery_codes_are_told(api: Api, dana: UserId, connection: Connection) -> None:
    """A proposed app is none yet; a step that is used changes nothing."""
    stream = await api.create()
    await connection.execute(
        "insert into totp_secrets (user_id, confirmed, sealed, made_at) values ($1, false, 's', $2)", dana, NOW
    )
    await connection.execute("update totp_secrets set confirmed = true where user_id = $1", dana)
    await connection.execute("update totp_secrets set last_step = 7 where user_id = $1", dana)
    await connection.execute(
        "insert into recovery_codes (user_id, code_hash, made_at) select $1, n::text::bytea, $2 "
        "from generate_series(1, 10) n",
        dana, NOW,
    )  # fmt: skip
    await connection.execute("delete from totp_secrets where user_id = $1", dana)
    found = [event_of(one) for one in await api.fetch(stream)]
    assert [(one["credential_type"], one["change_type"]) for one in found] == [
        ("app", "create"),
        ("recovery-codes", "create"),
        ("app", "delete"),
    ]


async def test_what_is_rolled_back_is_never_told(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create()
    transaction = connection.transaction()
    await transaction.__aenter__()
    await connection.execute("update users set status = 'suspended' where id = $1", dana)
    await transaction.__aexit__(RuntimeError, RuntimeError(), None)
    assert await api.fetch(stream) == []


@pytest.mark.rule("asking")
async def test_a_receiver_hears_of_its_own_systems_people_alone(
    http: httpx2.AsyncClient, api: Api, dana: UserId, connection: Connection
) -> None:
    """A scorer sees THSS, a listener CERS; who has nothing in either is nobody's."""
    nobody = await person(connection, "nobody")
    tools = await person(connection, "tools", ("tools-for-teachers-only", PARK))
    listening, scoring = await api.create(), await Api(http, client="scorer").create()
    systems = {"listener": {dana}, "scorer": {dana}}
    for user in (dana, nobody, tools):
        await connection.execute("update users set status = 'suspended' where id = $1", user)
    heard = {one["sub_id"]["sub"] for one in await api.fetch(listening)}
    assert heard == {str(user) for user in systems["listener"]}
    heard = {one["sub_id"]["sub"] for one in await Api(http, client="scorer").fetch(scoring)}
    assert heard == {str(user) for user in systems["scorer"]}


async def test_who_had_a_role_is_still_told_of(api: Api, dana: UserId, connection: Connection) -> None:
    """That the last role is gone is what its receiver has to know most."""
    stream = await api.create()
    await take_all(connection, dana)
    await connection.execute("update users set status = 'inactive' where id = $1", dana)
    assert told(await api.fetch(stream)) == [("token-claims-change", str(dana)), ("account-disabled", str(dana))]


async def test_only_what_was_asked_for_is_told(api: Api, dana: UserId, connection: Connection) -> None:
    stream = await api.create(events_requested=[RISC + "account-disabled", "urn:example:other"])
    await connection.execute("update users set status = 'suspended' where id = $1", dana)
    await connection.execute("update users set status = 'active' where id = $1", dana)
    assert told(await api.fetch(stream)) == [("account-disabled", str(dana))]


async def test_nothing_is_written_while_nobody_listens(api: Api, dana: UserId, connection: Connection) -> None:
    await connection.execute("update users set status = 'suspended' where id = $1", dana)
    assert await connection.fetchval("select count(*) from signal_events") == 0
    stream = await api.create()
    await api.set_status(stream, "disabled")
    await connection.execute("update users set status = 'active' where id = $1", dana)
    assert await connection.fetchval("select count(*) from signal_events") == 0


async def test_people_may_be_left_out_and_taken_in_again(api: Api, dana: UserId, connection: Connection) -> None:
    """OIDSSFStreamSubjectControlHappyPathTest; who is unknown answers as who is known (SSF 1.0 9.1)."""
    other = await person(connection, "eli", ("lea-coordinator", LEA))
    stream = await api.create()
    about = {"stream_id": stream["stream_id"]}
    for name in ("dana", "somebody unknown"):
        answer = await api.call("POST", "/ssf/subjects/remove", about | {"subject": subject(name)})
        assert (answer.status_code, answer.content) == (204, b"")
    for user in (dana, other):
        await connection.execute("update users set status = 'suspended' where id = $1", user)
    assert told(await api.fetch(stream)) == [("account-disabled", str(other))]
    for name in ("dana", "somebody unknown"):
        answer = await api.call("POST", "/ssf/subjects/add", about | {"subject": subject(name)})
        assert (answer.status_code, answer.content) == (200, b"")
    await connection.execute("update users set status = 'active' where id = $1", dana)
    assert told(await api.fetch(stream)) == [("account-enabled", str(dana))]
    assert await connection.fetchval("select count(*) from signal_removed_subjects") == 0


@pytest.mark.parametrize(
    "wrong",
    [None, "dana", {"format": "email", "email": "dana@example.org"}, {"format": "iss_sub", "iss": ISSUER}, {}],
)
async def test_a_subject_is_named_by_issuer_and_sub(api: Api, wrong: object) -> None:
    stream = await api.create()
    for path in ("/ssf/subjects/add", "/ssf/subjects/remove"):
        answer = await api.call("POST", path, {"stream_id": stream["stream_id"], "subject": wrong})
        assert answer.status_code == 400


async def test_many_at_once_are_few_rows(api: Api, connection: Connection) -> None:
    """Closing a year changes a million accounts: they are written by the thousand, and told one by one."""
    stream = await api.create(events_requested=[RISC + "account-disabled"])
    await connection.execute(
        "insert into users (id, email, email_key, first_name, last_name, name_key, status) "
        "select gen_random_uuid(), n || '@m.example', n || '@m.example', 'A', 'B', 'b a', 'active' "
        "from generate_series(1, 2500) n"
    )
    await connection.execute(
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
        "status, origin) select gen_random_uuid(), id, 'caaspp', 'lea-coordinator', '2026-27', $1, $1, 'b a', "
        "'active', 'operator' from users where email like '%@m.example'",
        LEA,
    )
    await connection.execute("update users set status = 'inactive' where email like '%@m.example'")
    assert await connection.fetchval("select count(*) from signal_events") == 3
    found = await api.fetch(stream)
    assert len({one["sub_id"]["sub"] for one in found}) == len(found) == 2500


@pytest.mark.checklist("19 in the place of an access token", 60)
async def test_an_event_passes_for_no_other_token(
    api: Api, dana: UserId, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    """Typ secevent+jwt: 401 as a bearer token, refused as an ID token; no `sub`, no `exp` (SSF 1.0 4.1.7)."""
    stream = await api.create()
    await give(connection, dana, "site-coordinator", PARK)
    (token,) = (await api.poll(stream))["sets"].values()
    answer = await api.http.get("/ssf/streams", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    keys = await KeyRing(gateway.pool, gateway.secret_key).at(clock())
    for kind in (ACCESS_TOKEN, ID_TOKEN):
        with pytest.raises(BadTokenError):
            verified_claims(token, kind, keys, ISSUER, clock(), hint=True)
