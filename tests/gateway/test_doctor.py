"""`hallpass doctor` names each thing that is wrong, for people and for machines, and changes nothing."""

import http.server
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.commands.doctor import secret_key_problem
from gateway.issuer_check import issuer_problem
from gateway.oidc.keys.ring import KeyRing
from gateway.resources import utc_now
from gateway.settings import Settings
from gateway.state import Gateway
from tests.gateway.process import free_port, hallpass

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"


def _report(more: dict[str, str]) -> tuple[int, dict[str, str | None]]:
    done = hallpass("doctor", "--json", more=more)
    report = json.loads(done.stdout)
    assert report["ok"] is (done.returncode == 0)
    return done.returncode, {check["name"]: check["problem"] for check in report["checks"]}


async def test_all_is_well(gateway: Gateway, database_url: str) -> None:
    await KeyRing(gateway.pool, b"k" * 32).at(utc_now())
    more = {"HALLPASS_DATABASE_URL": database_url, "HALLPASS_SECRET_KEY": KEY, "HALLPASS_PORT": str(free_port())}
    code, report = _report(more)
    assert (code, set(report.values())) == (0, {None})
    assert list(report) == [
        *("settings", "secret key", "database", "clock", "migrations", "roles", "signing keys", "dead letters"),
        *("mail", "issuer"),
    ]
    assert hallpass("doctor", more=more).stdout.splitlines()[0] == "ok       settings"


async def test_another_secret_key_is_told(gateway: Gateway, database_url: str) -> None:
    await KeyRing(gateway.pool, b"another key for the sealing of it").at(utc_now())
    code, report = _report({"HALLPASS_DATABASE_URL": database_url, "HALLPASS_SECRET_KEY": KEY})
    assert code == 1
    assert "another secret key" in str(report["signing keys"])
    assert report["database"] is None


def test_an_owner_that_serves_is_told(owner_database_url: str) -> None:
    code, report = _report({"HALLPASS_DATABASE_URL": owner_database_url, "HALLPASS_SECRET_KEY": KEY})
    assert code == 1
    assert "can't act as the role hallpass_app" in str(report["database"])


def test_a_database_that_is_away_is_told() -> None:
    code, report = _report({"HALLPASS_DATABASE_URL": "postgresql://a@localhost:1/x", "HALLPASS_SECRET_KEY": KEY})
    assert code == 1
    assert "can't be reached" in str(report["database"])


def test_wrong_settings_are_told() -> None:
    code, report = _report({"HALLPASS_PORT": "x"})
    assert code == 1
    assert "HALLPASS_PORT" in str(report["settings"])


def test_it_makes_no_database(tmp_path: Path) -> None:
    code, report = _report({"HALLPASS_DATA_DIR": str(tmp_path), "HALLPASS_PORT": str(free_port())})
    assert code == 1
    assert "no database" in str(report["database"])
    assert not list(tmp_path.iterdir())


def test_a_secret_key_that_others_read_is_told(settings: Settings) -> None:
    assert secret_key_problem(settings) is None
    file = settings.data_dir / "secret.key"
    file.write_text(KEY, encoding="ascii")
    file.chmod(0o644)
    assert "chmod 600" in str(secret_key_problem(settings))
    file.chmod(0o600)
    assert secret_key_problem(settings) is None
    file.write_text("short", encoding="ascii")
    assert "restore it" in str(secret_key_problem(settings))


@contextmanager
def _answering(status: int, body: bytes) -> Generator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the library's name)
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"issuer": "https://other.example"}', "another issuer"),
        (200, b"<html>", "Something else"),
        (200, b"[]", "Something else"),
        (404, b"{}", "Something else"),
    ],
)
async def test_an_address_that_leads_elsewhere_is_told(status: int, body: bytes, said: str) -> None:
    with _answering(status, body) as issuer:
        assert said in str(await issuer_problem(issuer))


async def test_an_address_without_a_gateway_or_name() -> None:
    assert await issuer_problem(f"http://localhost:{free_port()}") is None
    assert "has no address" in str(await issuer_problem("https://hallpass.invalid"))
