"""What many rows ask for singly is loaded at once."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from resolvers.batches import Batch


class Loading:
    """Counts its calls; 0 has no value, a negative key breaks."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []

    async def __call__(self, keys: Sequence[int]) -> Mapping[int, str]:
        self.calls.append(list(keys))
        if min(keys) < 0:
            raise ValueError("below nothing")
        return {key: str(key) for key in keys if key}


async def test_keys_of_one_turn_are_one_call() -> None:
    loading = Loading()
    batch = Batch(loading)
    assert await asyncio.gather(*(batch.get(key) for key in (1, 2, 1, 0))) == ["1", "2", "1", None]
    assert loading.calls == [[1, 2, 0]]


async def test_a_key_is_loaded_once_and_what_is_primed_never() -> None:
    loading = Loading()
    batch = Batch(loading)
    batch.prime(5, "five")
    assert [await batch.get(5), await batch.get(1), await batch.get(1)] == ["five", "1", "1"]
    assert loading.calls == [[1]]


async def test_everybody_who_waits_is_told_of_a_failure() -> None:
    batch = Batch(Loading())
    first, second = await asyncio.gather(batch.get(-1), batch.get(2), return_exceptions=True)
    assert isinstance(first, ValueError)
    assert isinstance(second, ValueError)
    with pytest.raises(ValueError, match="below nothing"):
        await batch.get(-1)
