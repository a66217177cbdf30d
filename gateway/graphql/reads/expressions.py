"""Expressions: code for the parts of an answer, written once all cells of the statement have their places."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.graphql.reads.code import mapping


@dataclass(frozen=True, slots=True)
class Expression:
    """Code for a value; written once the cells are laid out. In sight are `r` (the row), `run` and `p` (its path).

    `denies`: whether it may deny something, and so needs to know its path. `objects`: how many it always gives; what
    it may lack it takes back.
    """

    code: Callable[[], str]
    denies: bool = False
    objects: int = 0


def displayed(parts: list[tuple[str, Expression]]) -> Expression:
    """An object of response keys and values."""
    denies = any(one.denies for _, one in parts)
    objects = sum(one.objects for _, one in parts)
    return Expression(lambda: mapping([(key, one.code()) for key, one in parts]), denies, objects)


def constant(text: str) -> Expression:
    return Expression(lambda: text)


def once(make: Callable[[], str]) -> Callable[[], str]:
    """The code of the first time, whenever it is asked for."""
    made: list[str] = []

    def name() -> str:
        if not made:
            made.append(make())
        return made[0]

    return name
