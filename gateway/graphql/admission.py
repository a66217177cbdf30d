"""One operation's way past its caller's budget: points taken before it runs, the unused given back after."""

from collections.abc import Hashable
from typing import Any

from gateway.graphql.budget import Budget, bucket_key
from gateway.refusals import Kind, RefusedError
from policy.caller import Caller


class Admission:
    """`requested` points at most, `apart` of them for what isn't an object of the answer; `address`: the asker's."""

    def __init__(self, budget: Budget, requested: int, apart: int = 0, address: str = "") -> None:
        self._budget = budget
        self._requested = requested
        self._apart = apart
        self._address = address
        self._key: Hashable | None = None

    def enter(self, caller: Caller) -> None:
        """Takes the points once, however often it is called; of the last caller, should that turn out another.

        Raises RefusedError (THROTTLED) with the seconds to wait in Retry-After.
        """
        key = bucket_key(caller, self._address)
        if key == self._key:
            return
        if self._key is not None:
            self._budget.settle(self._key, self._requested)
            self._key = None
        seconds = self._budget.take(key, self._requested)
        if seconds:
            text = (
                f"You have asked for more than your budget of {self._budget.restore:,} points per second: "
                f"ask again in {seconds} second{'s' if seconds > 1 else ''}."
            )
            raise RefusedError(Kind.THROTTLED, text, {"Retry-After": str(seconds)})
        self._key = key

    def settle(self, objects: int) -> dict[str, Any]:
        """Once it has run: `extensions.cost`, by the objects in its answer; called once."""
        actual = objects + self._apart
        told: dict[str, Any] = {"requested": self._requested, "actual": actual}
        if self._key is not None:
            available = self._budget.settle(self._key, self._requested - actual)
            told["budget"] = {
                "maximum": self._budget.capacity,
                "available": available,
                "restoreRate": self._budget.restore,
            }
        return told
