"""The named SQL statements of `store/sql`: read from their files once, then handed out by name."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

SQL_DIRECTORY = Path(__file__).parent / "sql"
_NAME_LINE = re.compile(r"^-- name:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class StatementError(Exception):
    """A file of statements is not readable; the message names the file and what to mend."""


@cache
def statements(name: str) -> Mapping[str, str]:
    """The statements of `store/sql/<name>.sql` by their names, in the file's order.

    A statement begins behind a line `-- name: page`, ends before the next one and has parameters `$1`, `$2` ….
    Raises StatementError for a missing file, SQL before the first name, an empty statement or a name used twice.
    """
    path = SQL_DIRECTORY / f"{name}.sql"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise StatementError(f"{path} does not exist: make the file or correct the name.") from error
    return MappingProxyType(parse_statements(text, f"store/sql/{path.name}"))


def parse_statements(text: str, file: str) -> dict[str, str]:
    """The statements of a file's text by name; `file` is what an error calls it. Raises StatementError."""
    preamble, *parts = _NAME_LINE.split(text)
    if any(line and not line.startswith("--") for line in preamble.splitlines()):
        raise StatementError(f"{file}: SQL stands before the first `-- name:` line; give it a name.")
    found: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if not _NAME.fullmatch(name):
            raise StatementError(f"{file}: “{name}” is not a statement's name; write small letters, digits and _.")
        if name in found:
            raise StatementError(f"{file}: two statements are named {name}; rename one.")
        if not _without_comments(body):
            raise StatementError(f"{file}: the statement {name} is empty; write it or remove the name.")
        found[name] = body.strip().removesuffix(";")
    return found


def _without_comments(body: str) -> str:
    return "".join(line for line in body.splitlines() if not line.lstrip().startswith("--")).strip()
