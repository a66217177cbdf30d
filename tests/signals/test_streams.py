"""A stream's life at `/ssf/streams` and `/ssf/status` (SSF 1.0 sections 7 and 8): who may, what is refused."""

from typing import Any

import httpx2
import pytest

from store.database import Connection
from tests.oidc.world import Clock
from tests.signals.world import CAEP, ISSUER, POLL, PUSH, RISC, Api

URL = "https://8.8.8.8/events"


async def test_metadata_says_what_there_is(http: httpx2.AsyncClient) -> None:
    """openid-ssf-transmitter-metadata"""
    answer = await http.get("/.well-known/ssf-configuration", headers={"Host": "evil.example"})
    found = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert found["issuer"] == ISSUER
    assert found["spec_version"] == "1_0"
    assert found["default_subjects"] == "ALL"
    assert found["delivery_methods_supported"] == [PUSH, POLL]
    assert found["authorization_schemes"] == [{"spec_urn": "urn:ietf:rfc:6749"}]
    for name in ("jwks_uri", "configuration_endpoint", "status_endpoint", "verification_endpoint"):
        assert found[name].startswith(ISSUER + "/")
    assert (await http.get(found["jwks_uri"])).status_code == 200
    resource = (await http.get("/.well-known/oauth-protected-resource")).json()
    assert {"ssf.read", "ssf.manage"} <= set(resource["scopes_supported"])


async def test_a_stream_is_made_read_changed_replaced_and_deleted(api: Api) -> None:
    """openid-ssf-stream-control-happy-path"""
    requested = [CAEP + "session-revoked", RISC + "account-disabled", "urn:example:unknown"]
    made = await api.create(
        delivery={"method": PUSH, "endpoint_url": URL, "authorization_header": "Bearer s3cret"},
        events_requested=requested, description="ours",
    )  # fmt: skip
    assert made["iss"] == ISSUER
    assert made["aud"] == "listener"
    assert made["delivery"] == {"method": PUSH, "endpoint_url": URL}, "the header is never given back"
    assert made["events_requested"] == requested
    assert made["events_delivered"] == requested[:2]
    where = {"params": {"stream_id": made["stream_id"]}}
    assert (await api.call("GET", "/ssf/streams", **where)).json() == made
    assert (await api.call("GET", "/ssf/streams")).json() == [made]

    changed = {"stream_id": made["stream_id"], "description": "other", "aud": "listener"}
    answer = await api.call("PATCH", "/ssf/streams", changed)
    assert answer.status_code == 200
    assert answer.json() == made | {"description": "other"}
    assert (await api.call("GET", "/ssf/streams", **where)).json() == answer.json()

    replaced = {"stream_id": made["stream_id"], "events_requested": requested[:1]}
    answer = await api.call("PUT", "/ssf/streams", replaced)
    assert answer.status_code == 200
    assert "description" not in answer.json()
    assert answer.json()["events_delivered"] == requested[:1]
    poll = {"method": POLL, "endpoint_url": f"{ISSUER}/ssf/poll/{made['stream_id']}"}
    assert answer.json()["delivery"] == poll, "where nothing is said, events are fetched"

    assert (await api.call("DELETE", "/ssf/streams", **where)).status_code == 204
    assert (await api.call("DELETE", "/ssf/streams", **where)).status_code == 404
    assert (await api.call("GET", "/ssf/streams")).json() == []


async def test_a_receiver_has_one_stream(api: Api) -> None:
    """openid-ssf-stream-control-error-create-stream-with-duplicate-config"""
    await api.create()
    assert (await api.call("POST", "/ssf/streams", {})).status_code == 409


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/events",
        "https://10.0.0.1/events",
        "https://169.254.169.254/latest",
        "https://user@8.8.8.8/",
        "https://8.8.8.8/#x",
        "ftp://8.8.8.8/",
        "javascript:alert(1)",
        "https://8.8.8.8/" + "a" * 1000,
    ],
)
@pytest.mark.checklist("60 addresses of the inside")
async def test_events_are_pushed_to_public_https_addresses_only(api: Api, gateway: Any, url: str) -> None:
    """SSRF: 400 at registration; under a loopback issuer only what its own network can't be is refused."""
    body = {"delivery": {"method": PUSH, "endpoint_url": url}}
    answer = await api.call("POST", "/ssf/streams", body)
    private = url == "https://10.0.0.1/events"
    assert answer.status_code == (201 if private else 400), "a test's issuer is loopback: private networks are its own"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"events_requested": []}, "events_requested"),
        ({"events_requested": "all"}, "events_requested"),
        ({"events_requested": [1]}, "events_requested"),
        ({"delivery": "push"}, "delivery"),
        ({"delivery": {"method": "urn:other"}}, "delivery.method"),
        ({"delivery": {"method": PUSH}}, "delivery.endpoint_url"),
        ({"delivery": {"method": PUSH, "endpoint_url": URL, "authorization_header": "a\r\nb: c"}}, "header"),
        ({"delivery": {"method": PUSH, "endpoint_url": URL, "authorization_header": ""}}, "header"),
        ({"description": 5}, "description"),
    ],
)
async def test_malformed_configurations_are_refused(api: Api, body: dict[str, Any], why: str) -> None:
    """openid-ssf-stream-control-error-create-stream-with-broken-input"""
    answer = await api.call("POST", "/ssf/streams", body)
    assert answer.status_code == 400
    assert why in answer.text
    assert (await api.call("GET", "/ssf/streams")).json() == []


async def test_what_is_the_transmitters_is_not_the_receivers_to_change(api: Api) -> None:
    made = await api.create()
    told: list[str] = []
    for name, value in (("aud", "scorer"), ("iss", "https://evil.example"), ("events_delivered", told)):
        answer = await api.call("PATCH", "/ssf/streams", {"stream_id": made["stream_id"], name: value})
        assert answer.status_code == 400, name
    assert (await api.call("GET", "/ssf/streams")).json() == [made]


async def test_only_whoever_is_registered_so_gets_a_stream(http: httpx2.AsyncClient) -> None:
    answer = await Api(http, client="refresher").call("POST", "/ssf/streams", {})
    assert answer.status_code == 403


async def test_a_token_that_may_only_read_changes_nothing(http: httpx2.AsyncClient, api: Api) -> None:
    """openid-ssf-stream-control-error-create-stream-with-read-only-token"""
    made = await api.create()
    reader = Api(http, scope="ssf.read")
    here = {"stream_id": made["stream_id"]}
    assert (await reader.call("GET", "/ssf/streams")).json() == [made]
    assert (await reader.call("GET", "/ssf/status", params=here)).status_code == 200
    for method, path in (
        ("POST", "/ssf/streams"), ("PATCH", "/ssf/streams"), ("PUT", "/ssf/streams"), ("POST", "/ssf/status"),
        ("POST", "/ssf/verification"), ("POST", "/ssf/subjects/add"), ("POST", "/ssf/subjects/remove"),
        ("POST", f"/ssf/poll/{made['stream_id']}"),
    ):  # fmt: skip
        answer = await reader.call(method, path, here)
        assert answer.status_code == 403, path
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert (await reader.call("DELETE", "/ssf/streams", params=here)).status_code == 403


async def test_without_a_good_token_nothing_is_answered(http: httpx2.AsyncClient, api: Api) -> None:
    """openid-ssf-stream-control-error-create-stream-with-invalid-token, -read-stream-with-invalid-token"""
    token = await api.token()
    other = await Api(http, scope="").token(resource="https://cers.example/")
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {other}"}):
        answer = await http.get("/ssf/streams", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = await http.get("/ssf/streams", params={"access_token": token})
    assert answer.status_code == 400


@pytest.mark.checklist(54)
async def test_anothers_stream_answers_as_one_that_does_not_exist(http: httpx2.AsyncClient, api: Api) -> None:
    made = await api.create()
    other = Api(http, client="scorer")
    await other.create()
    unknown = "7d0c1c0e-5a53-4c0a-9d5a-2f6b8f1f4a11"
    for method, path, body in (
        ("GET", "/ssf/streams", None), ("DELETE", "/ssf/streams", None), ("GET", "/ssf/status", None),
        ("PATCH", "/ssf/streams", {}), ("PUT", "/ssf/streams", {}), ("POST", "/ssf/status", {"status": "paused"}),
        ("POST", "/ssf/verification", {}), ("POST", "/ssf/subjects/add", {}), ("POST", "/ssf/subjects/remove", {}),
        ("POST", "/ssf/poll/", {}),
    ):  # fmt: skip
        answers: list[tuple[int, dict[str, Any]]] = []
        for stream in (made["stream_id"], unknown, "nonsense"):
            where = path + stream if path == "/ssf/poll/" else path
            options: dict[str, Any] = {"params": {"stream_id": stream}} if body is None else {}
            sent = None if body is None else {"stream_id": stream, **body}
            answer = await other.call(method, where, sent, **options)
            answers.append((answer.status_code, {**answer.json(), "request_id": ""}))
        assert answers[0][0] == 404, path
        assert answers[0] == answers[1] == answers[2], path


async def test_status_is_read_and_set(api: Api) -> None:
    made = await api.create()
    where = {"params": {"stream_id": made["stream_id"]}}
    assert (await api.call("GET", "/ssf/status", **where)).json()["status"] == "enabled"
    for status in ("paused", "disabled", "enabled"):
        answer = await api.set_status(made, status, reason="we move")
        assert answer.status_code == 200
        assert answer.json() == {"stream_id": made["stream_id"], "status": status, "reason": "we move"}
        assert (await api.call("GET", "/ssf/status", **where)).json() == answer.json()
    assert (await api.set_status(made, "gone")).status_code == 400


async def test_the_header_is_not_readable_in_the_database(api: Api, connection: Connection) -> None:
    await api.create(delivery={"method": PUSH, "endpoint_url": URL, "authorization_header": "Bearer s3cret"})
    rows = await connection.fetch("select * from signal_streams")
    assert "s3cret" not in repr([dict(row.items()) for row in rows])
    audited = await connection.fetch("select * from audit_events")
    assert "s3cret" not in repr([dict(row.items()) for row in audited])


async def test_another_address_never_gets_the_header_of_the_former_one(api: Api, connection: Connection) -> None:
    made = await api.create(delivery={"method": PUSH, "endpoint_url": URL, "authorization_header": "Bearer s3cret"})
    moved = {"method": PUSH, "endpoint_url": "https://8.8.4.4/events"}
    await api.call("PATCH", "/ssf/streams", {"stream_id": made["stream_id"], "delivery": moved})
    assert await connection.fetchval("select sealed_header from signal_streams") is None


async def test_changes_of_streams_are_audited(api: Api, connection: Connection) -> None:
    made = await api.create()
    await api.set_status(made, "paused")
    await api.call("DELETE", "/ssf/streams", params={"stream_id": made["stream_id"]})
    rows = await connection.fetch("select action from audit_events where actor_client = 'listener' order by id")
    assert [row["action"] for row in rows] == ["createSignalStream", "setSignalStreamStatus", "deleteSignalStream"]


async def test_a_client_that_is_turned_off_is_refused(api: Api, connection: Connection, clock: Clock) -> None:
    await api.create()
    token = await api.token()
    await connection.execute("update relying_parties set active = false where client_id = 'listener'")
    answer = await api.http.get("/ssf/streams", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
