"""Bounded memories of what was used lately: by number, or by number and weight."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Up to `most` values by key; the one that was used least lately goes first."""

    def __init__(self, most: int) -> None:
        self._most: Final = most
        self._kept: Final[OrderedDict[Key, Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    def get(self, key: Key) -> Value | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Key, value: Value) -> None:
        self._kept[key] = value
        self._kept.move_to_end(key)
        while self._is_too_much():
            self.drop(next(iter(self._kept)))

    def drop(self, key: Key) -> None:
        self._kept.pop(key, None)

    def _is_too_much(self) -> bool:
        return len(self._kept) > self._most


class Weighed(Recent[Key, Value]):
    """The same where values differ in size: together they weigh up to `most_weight`, in the unit of `weight_of`."""

    def __init__(self, most: int, most_weight: int, weight_of: Callable[[Key, Value], int]) -> None:
        super().__init__(most)
        self._most_weight: Final = most_weight
        self._weight_of: Final = weight_of
        self._weights: Final[dict[Key, int]] = {}
        self._weight = 0

    def put(self, key: Key, value: Value) -> None:
        self._count(key, value)
        super().put(key, value)

    def drop(self, key: Key) -> None:
        super().drop(key)
        self._weight -= self._weights.pop(key, 0)

    def weigh(self, key: Key) -> None:
        """For a value that has grown; what is too much then goes with the next `put`."""
        value = self._kept.get(key)
        if value is not None:
            self._count(key, value)

    def _count(self, key: Key, value: Value) -> None:
        weight = self._weight_of(key, value)
        self._weight += weight - self._weights.get(key, 0)
        self._weights[key] = weight

    def _is_too_much(self) -> bool:
        return bool(self._kept) and (super()._is_too_much() or self._weight > self._most_weight)
