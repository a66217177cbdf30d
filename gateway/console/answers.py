"""Reads what a document answered: any field may be null, because it isn't for the person who asks."""

from collections.abc import Mapping
from typing import Any

Answer = Mapping[str, Any]


def inside(answer: Answer | None, *path: str) -> Any:
    """What stands at the path; None where anything on the way is null."""
    found: Any = answer
    for name in path:
        if found is None:
            return None
        found = found[name]
    return found


def text(answer: Answer | None, *path: str) -> str:
    """The text at the path; empty where it is null."""
    return inside(answer, *path) or ""


def rows(answer: Answer | None, *path: str) -> list[Answer]:
    """The rows of the list at the path that aren't null."""
    found: list[Answer | None] = inside(answer, *path) or []
    return [row for row in found if row is not None]
