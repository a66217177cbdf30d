"""The npm package graphql-ws follows accessChanged, and resumes where it was cut off."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.graphql.subscriptions import live
from gateway.state import Gateway
from store.database import Connection
from tests.gateway.process import ROOT
from tests.graphql.world import Caller, user_id
from tests.subscriptions.test_following import changed, now

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("listener"), pytest.mark.timeout(60)]

Follow = Callable[..., Awaitable["StockClient"]]
TEACHER, COLLEAGUE = str(user_id("teacher")), str(user_id("colleague"))


class StockClient:
    """The running script, line by line."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return json.loads(await self._process.stdout.readline())

    async def change(self) -> dict[str, Any]:
        return (await self.line())["change"]

    async def end(self) -> int:
        return await self._process.wait()


@pytest.fixture
async def follow(address: str, as_system: Caller) -> AsyncIterator[Follow]:
    started: list[Process] = []

    async def start(**more: Any) -> StockClient:
        node, script = Path(sys.executable).with_name("node"), ROOT / "tests" / "node" / "subscription.mjs"
        process = await asyncio.create_subprocess_exec(node, script, stdin=PIPE, stdout=PIPE)
        started.append(process)
        assert process.stdin is not None
        token = as_system.headers["Authorization"].partition(" ")[2]
        asked = {"url": address, "token": token, "system": "cers", "after": None, **more}
        process.stdin.write(json.dumps(asked).encode())
        process.stdin.close()
        return StockClient(process)

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_follows_and_ends(follow: Follow, connection: Connection) -> None:
    client = await follow(events=2)
    assert (await client.change())["user"] is None
    version = await changed(connection, "teacher")
    assert await client.change() == {"accessVersion": version, "user": TEACHER, "everybody": False, "gap": False}
    assert (await client.line())["closed"] == 1000
    assert await client.end() == 0


async def test_it_resumes_where_it_was_cut_off(
    follow: Follow, connection: Connection, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await follow(events=5)
    await client.change()
    first = await changed(connection, "teacher")
    assert (await client.change())["accessVersion"] == first
    monkeypatch.setattr(live, "MOST_SECONDS_UNSEEN", -1.0)
    gateway.live.not_seen()
    second = await changed(connection, "colleague")
    assert (await client.line())["closed"] == 1013
    assert await client.line() == {"resuming": first}
    told = await client.change()
    assert (told["user"], told["accessVersion"]) == (COLLEAGUE, second)
    assert (await client.change())["user"] is None
    third = await changed(connection, "teacher")
    assert (await client.change())["accessVersion"] == third


async def test_it_is_told_what_it_missed(follow: Follow, connection: Connection) -> None:
    before = await now(connection)
    versions = [await changed(connection, name) for name in ("teacher", "colleague")]
    client = await follow(after=before, events=2)
    assert [(await client.change())["accessVersion"] for _ in versions] == versions


async def test_it_is_refused_what_is_not_its_own(follow: Follow) -> None:
    client = await follow(system="toms", events=1)
    assert await client.line() == {"errors": ["UNAUTHORIZED_FIELD_OR_TYPE"]}


async def test_a_token_that_is_none_is_told_so(follow: Follow) -> None:
    client = await follow(token="nonsense", events=1)
    line = await client.line()
    assert line["closed"] == 4403
    assert line["reason"]
