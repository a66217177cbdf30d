"""Numbers that may depend on an operation's variables: constants are added up once, the rest becomes closures."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Variables = Mapping[str, Any]
Amount = int | Callable[[Variables], int]


def read_amount(amount: Amount, variables: Variables) -> int:
    return amount if isinstance(amount, int) else amount(variables)


def plus(parts: Iterable[Amount]) -> Amount:
    """The sum."""
    fixed = 0
    open_: list[Callable[[Variables], int]] = []
    for part in parts:
        if isinstance(part, int):
            fixed += part
        else:
            open_.append(part)
    if not open_:
        return fixed
    if len(open_) == 1 and not fixed:
        return open_[0]
    return lambda variables: fixed + sum(part(variables) for part in open_)


def times(one: Amount, other: Amount) -> Amount:
    """The product."""
    if isinstance(one, int) and isinstance(other, int):
        return one * other
    if one == 1:
        return other
    if other == 1:
        return one
    return lambda variables: read_amount(one, variables) * read_amount(other, variables)


def highest(parts: Iterable[Amount]) -> Amount:
    """The largest of them; 0 where there are none."""
    every = list(parts)
    fixed = max((part for part in every if isinstance(part, int)), default=0)
    open_ = [part for part in every if not isinstance(part, int)]
    if not open_:
        return fixed
    return lambda variables: max(fixed, *(part(variables) for part in open_))


def where(holds: Callable[[Variables], bool] | None, amount: Amount) -> Amount:
    """The amount where the condition holds, else 0; None: it always holds."""
    if holds is None or amount == 0:
        return amount
    return lambda variables: read_amount(amount, variables) if holds(variables) else 0
