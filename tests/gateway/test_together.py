"""Questions that share a statement: fresh for each, in order, failing for each, apart where they must be."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.together import Together


class Work:
    """Doubles numbers, as one statement would, and notes what went together."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, asked: Sequence[int]) -> Sequence[int]:
        self.seen.append(list(asked))
        await self.go.wait()
        if 0 in asked:
            raise ValueError("zero")
        return [one * 2 for one in asked]


async def turns() -> None:
    """Let whatever can begin begin."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_questions_of_one_moment_go_together_and_keep_their_answers() -> None:
    work = Work()
    together = Together(work)
    assert await asyncio.gather(*(together.ask(one) for one in (3, 1, 2))) == [6, 2, 4]
    assert work.seen == [[3, 1, 2]]


async def test_a_question_never_joins_what_has_begun() -> None:
    """What it is answered with was read after it was asked."""
    work = Work()
    together = Together(work, at_once=1)
    work.go.clear()
    first = asyncio.create_task(together.ask(1))
    await turns()
    second = asyncio.create_task(together.ask(2))
    await turns()
    assert work.seen == [[1]]
    work.go.set()
    assert (await first, await second, work.seen) == (2, 4, [[1], [2]])


async def test_one_is_under_way_and_the_rest_goes_with_the_next() -> None:
    work = Work()
    together = Together(work, at_once=1)
    work.go.clear()
    tasks: list[asyncio.Task[int]] = []
    for one in range(1, 6):
        tasks.append(asyncio.create_task(together.ask(one)))
        await turns()
    assert work.seen == [[1]]
    work.go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8, 10]
    assert work.seen == [[1], [2, 3, 4, 5]]


async def test_a_failure_is_everybodys_and_the_next_goes_on() -> None:
    together = Together(Work())
    failed = await asyncio.gather(together.ask(0), together.ask(1), return_exceptions=True)
    assert [type(one) for one in failed] == [ValueError, ValueError]
    assert await together.ask(2) == 4


async def test_whoever_has_gone_is_not_waited_for() -> None:
    work = Work()
    together = Together(work)
    gone, stays = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 4
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_equal_keys_never_go_together() -> None:
    work = Work()
    together = Together(work, lambda asked: asked % 10)
    assert await asyncio.gather(*(together.ask(one) for one in (1, 11, 2))) == [2, 22, 4]
    assert work.seen == [[1, 2], [11]]
