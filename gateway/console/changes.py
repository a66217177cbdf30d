"""Runs a page's mutation: what a rule refuses comes back as one text for the person, with what to do."""

from collections.abc import Mapping
from typing import Any

from gateway.console.answers import Answer, inside, rows, text
from gateway.console.operations import Answered


def refusal(answered: Answered, mutation: str) -> str:
    """Why nothing was applied; empty: it was."""
    payload: Answer | None = inside(answered.data, mutation)
    if payload is None:
        messages = [str(error["message"]) for error in answered.errors]
        return " ".join(messages) or "This could not be done. Reload the page and try again."
    errors = rows(payload, "userErrors")
    return " ".join(f"{text(one, 'message')} {text(one, 'remedy')}".strip() for one in errors)


def is_withheld(answered: Answered, *path: str) -> bool:
    """Whether the field at the path isn't for the person who asks."""
    errors: list[Mapping[str, Any]] = list(answered.errors)
    return any(list(error.get("path", ())) == list(path) for error in errors)
