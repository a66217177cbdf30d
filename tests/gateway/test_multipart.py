"""Multipart forms that aren't any are their sender's fault: refused, and no error of ours in the log (ASVS 2.2, 16)."""

import httpx2
import pytest
from starlette.applications import Starlette

from tests.oidc.fixtures import app, browser, clock, gateway
from tests.oidc.world import Browser

__all__ = ["app", "browser", "clock", "gateway"]
NAMELESS = b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/oauth2/logout", "/signin"])
@pytest.mark.parametrize("body", [b"--b\r\n\r\n", NAMELESS, b"--c", b"--b\r\n" + b"a: b\r\n" * 50])
async def test_a_part_without_a_name(
    app: Starlette, browser: Browser, capsys: pytest.CaptureFixture[str], path: str, body: bytes
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer: httpx2.Response = await browser.http.post(path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in capsys.readouterr().out
