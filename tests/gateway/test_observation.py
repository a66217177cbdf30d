"""Each request has one id, one log line without its query, and one measurement under its route's template."""

import asyncio
import json
import uuid

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.logging import configure_logging
from gateway.metrics import Metrics
from tests.gateway.conftest import Lines


@pytest.mark.parametrize("sent", ["0123456789abcdef", "0F0E0D0C-0b0a-4000-8000-000000000001", "a" * 36])
async def test_a_sane_request_id_is_kept(client: httpx2.AsyncClient, sent: str) -> None:
    answer = await client.get("/healthz", headers={"X-Request-ID": sent})
    assert answer.headers["x-request-id"] == sent


@pytest.mark.parametrize(
    "sent", ["", "1234567890", "a" * 37, "<script>", "eyJhbGciOiJIUzI1NiJ9.e30.x", "x" * 20, "a b" * 9]
)
async def test_any_other_request_id_is_replaced(client: httpx2.AsyncClient, sent: str) -> None:
    answer = await client.get("/healthz", headers={"X-Request-ID": sent})
    assert uuid.UUID(answer.headers["x-request-id"])


async def test_a_log_line_has_the_template_and_never_the_query(client: httpx2.AsyncClient, lines: Lines) -> None:
    answer = await client.get("/trial/refuse/THROTTLED?code=secret&state=xyz")
    line = json.loads(lines.getvalue())
    assert (line["event"], line["level"], line["source"]) == ("request", "info", "hallpass.access")
    assert (line["route"], line["method"], line["status"]) == ("/trial/refuse/{kind}", "GET", 429)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["milliseconds"] > 0
    assert b"secret" not in lines.getvalue()
    assert b"THROTTLED" not in lines.getvalue()


async def test_nothing_that_a_caller_makes_up_is_logged(client: httpx2.AsyncClient, lines: Lines) -> None:
    await client.request("HUNTER2", "/users/jane.doe@example.org", headers={"User-Agent": "hunter2"})
    line = json.loads(lines.getvalue())
    assert (line["route"], line["method"]) == ("(no route)", "OTHER")
    assert b"jane" not in lines.getvalue()
    assert b"hunter2" not in lines.getvalue().lower()


async def test_probes_are_told_at_level_debug_alone(client: httpx2.AsyncClient, lines: Lines) -> None:
    await client.get("/healthz")
    assert json.loads(lines.getvalue())["level"] == "debug"
    configure_logging("info")
    await client.get("/healthz")
    assert len(lines.getvalue().splitlines()) == 1


async def test_what_breaks_is_logged_under_the_request(client: httpx2.AsyncClient, lines: Lines) -> None:
    answer = await client.get("/trial/break")
    broken, request = map(json.loads, lines.getvalue().splitlines())
    assert broken["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert broken["exception"][0]["type"] == "ValueError"
    assert b"hunter2" not in lines.getvalue()


async def test_requests_are_counted_by_template_method_and_status(client: httpx2.AsyncClient) -> None:
    await client.get("/trial/refuse/THROTTLED")
    await client.get("/trial/refuse/THROTTLED")
    await client.request("INVENTED", "/nowhere/1")
    text = (await client.get("/metrics")).text
    assert 'hallpass_requests_total{method="GET",route="/trial/refuse/{kind}",status="429"} 2.0' in text
    assert 'hallpass_requests_total{method="OTHER",route="(no route)",status="404"} 1.0' in text
    assert 'hallpass_request_duration_seconds_count{method="GET",route="/trial/refuse/{kind}"} 2.0' in text
    assert 'hallpass_database_connections{state="limit"} 5.0' in text
    assert "hallpass_process_memory_bytes" in text


def test_each_application_counts_for_itself() -> None:
    first, second = Metrics(), Metrics()
    first.answered("/x", "GET", 200, 0.1)
    assert b'route="/x"' in first.text()
    assert b'route="/x"' not in second.text()


async def test_a_client_that_leaves_is_counted_as_such(app: Starlette) -> None:
    scope = {"type": "http", "method": "POST", "path": "/trial/echo", "raw_path": b"/trial/echo", "query_string": b""}

    async def receive() -> dict[str, object]:
        raise asyncio.CancelledError

    async def send(_: object) -> None: ...

    with pytest.raises(asyncio.CancelledError):
        await app({**scope, "headers": []}, receive, send)  # pyright: ignore[reportArgumentType]
    assert b'route="/trial/echo",status="499"' in app.state.metrics.text()
