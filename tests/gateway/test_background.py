"""Work in the background ends with its block, whatever happens at that moment."""

import asyncio
from contextlib import suppress

import pytest

from gateway.access_listener import Hearing, listening
from gateway.background import in_background
from gateway.graphql.subscriptions.live import Live
from gateway.packs_in_force import PacksInForce
from gateway.resources import utc_now
from policy.packs import Packs


async def test_it_is_cancelled_at_the_end() -> None:
    began = asyncio.Event()
    ended = False

    async def work() -> None:
        nonlocal ended
        began.set()
        try:
            await asyncio.sleep(600)
        finally:
            ended = True

    async with in_background(work()):
        await began.wait()
    assert ended


async def test_a_cancellation_that_gets_lost_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.background._ASKED_AGAIN_SECONDS", 0.01)
    began = asyncio.Event()

    async def deaf_once() -> None:
        with suppress(asyncio.CancelledError):
            began.set()
            await asyncio.sleep(600)
        await asyncio.sleep(600)

    async with asyncio.timeout(10), in_background(deaf_once()):
        await began.wait()


async def test_what_broke_it_off_is_raised_at_the_end() -> None:
    async def broken() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        async with in_background(broken()):
            await asyncio.sleep(0)


@pytest.mark.parametrize("steps", range(5))
async def test_a_listener_that_is_woken_as_it_ends_ends(
    database_url: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command commits, which notifies its own listener, and is done: both arrive in the same moment."""
    monkeypatch.setattr("gateway.background._ASKED_AGAIN_SECONDS", 600)
    live = Live()
    async with asyncio.timeout(10), listening(database_url, Hearing(PacksInForce(Packs({}, ())), live, utc_now)):
        await asyncio.sleep(0.2)  # it listens
        live.feed._wake()  # pyright: ignore[reportPrivateUsage]
        for _ in range(steps):
            await asyncio.sleep(0)
