"""The texts of the pages' GraphQL documents, read from `operations/` once."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

OPERATIONS: Final = Path(__file__).parent / "operations"
_SHELL: Final = "fragments"


@cache
def operation(name: str) -> str:
    """The document of `operations/<name>.graphql`, with the shell's fragment where it uses it."""
    text = (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
    return f"{text}\n{operation(_SHELL)}" if name != _SHELL and "...Shell" in text else text


def own_documents() -> Iterator[str]:
    """Every document that the pages run."""
    for path in sorted(OPERATIONS.glob("*.graphql")):
        if path.stem != _SHELL:
            yield operation(path.stem)
