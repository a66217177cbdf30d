"""Fixtures of this folder: `hallpass` in processes on this test's database."""

import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from store.database import OWNER_ROLE, Connection, open_connection
from tests.gateway.prepared import prepared_hallpass

SECRET_KEY = "qmC0yM8kK4p7r5Zc3v0m9t2X1n6b8d4e7g5h3j1k9l0"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
async def owner(owner_database_url: str) -> AsyncIterator[Connection]:
    """The owner's connection, which can do what the gateway can't."""
    opened = await open_connection(owner_database_url, OWNER_ROLE)
    yield opened
    await opened.close()


@pytest.fixture
def command(database_url: str, owner_database_url: str, tmp_path: Path) -> Command:
    """Runs one command: `command("keys", "rotate")`."""
    settings = {
        "HALLPASS_DATABASE_URL": database_url,
        "HALLPASS_OWNER_DATABASE_URL": owner_database_url,
        "HALLPASS_DATA_DIR": str(tmp_path / "data"),
        "HALLPASS_SECRET_KEY": SECRET_KEY,
        "HALLPASS_ISSUER": "https://hallpass.example.gov",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return prepared_hallpass(*arguments, more=settings)

    return run
