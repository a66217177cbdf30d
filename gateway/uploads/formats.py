"""The file formats that ship with Hallpass, read from `programs/formats` once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from policy.files.format import Format, Subject
from policy.files.format_file import read_format
from policy.files.one_roster import Suggesting, read_suggesting
from policy.ids import ProgramCode
from store.shipped_packs import PROGRAMS

_FOLDER = PROGRAMS / "formats"


@cache
def user_formats() -> Mapping[str, Format]:
    """Formats of users by their code, in the order of their files' names. Raises PackError."""
    return MappingProxyType({one.code: one for one in _every() if one.subject is Subject.USERS})


@cache
def group_formats() -> Mapping[str, Format]:
    """The same for formats of student groups."""
    return MappingProxyType({one.code: one for one in _every() if one.subject is Subject.GROUPS})


@cache
def suggesting(program: ProgramCode) -> Suggesting:
    """What roles of a student information system suggest in the program."""
    return read_suggesting((PROGRAMS / "suggestions" / "one-roster.toml").read_text(encoding="utf-8"), program)


@cache
def _every() -> tuple[Format, ...]:
    return tuple(read_format(path.read_text(encoding="utf-8"), f"programs/formats/{path.name}") for path in _files())


def _files() -> list[Path]:
    return sorted(_FOLDER.glob("*.toml"))
