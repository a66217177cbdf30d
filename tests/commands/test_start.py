"""Commands begin at once: what only the server needs isn't loaded for them."""

import subprocess
import sys

import pytest

from tests.gateway.process import ROOT


@pytest.mark.parametrize(
    ("loaded", "needless"),
    [
        ("from gateway.cli import build_cli; build_cli()", {"asyncpg", "graphql", "starlette", "strawberry"}),
        ("import gateway.resources", {"graphql", "strawberry", "uvicorn", "jinja2"}),
    ],
    ids=["every command", "a command's resources"],
)
def test_what_only_the_server_needs_is_not_loaded(loaded: str, needless: set[str]) -> None:
    script = f"{loaded}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not needless & set(done.stdout.split())
