"""Files for the tests of formats: the shipped formats, what a program knows, and rows that are good as they stand."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from typing import Any

from policy.files.format import Format
from policy.files.format_file import read_format
from policy.files.known import FileKnowledge, file_knowledge
from policy.files.reader import FileLimits, read
from policy.files.rows import Item, Row, RowProblem
from policy.ids import SchoolYear
from store.shipped_packs import shipped_packs
from tests.project import ROOT

YEAR = SchoolYear("2026-27")
HEADER = "First Name,Last Name,CDS Code,E-mail Address,Telephone Number,Role in Organization"
GOOD = ("Jane", "Alder", "19000010000017", "jane.alder@north.example", "916-555-0100", "Test Administrator")
COLUMNS = ("first", "last", "code", "email", "phone", "role")


@cache
def formats() -> dict[str, Format]:
    """The shipped formats by code."""
    paths = sorted((ROOT / "programs" / "formats").glob("*.toml"))
    found = [read_format(path.read_text(encoding="utf-8"), path.name) for path in paths]
    return {form.code: form for form in found}


def known(program: str = "caaspp", year: str = YEAR, **changes: Any) -> FileKnowledge:
    """What the program's pack of that year says."""
    packs = [file.pack for file in shipped_packs() if file.pack.program == program]
    current = max((pack for pack in packs if (pack.from_year or "") <= year), key=lambda pack: pack.from_year or "")
    earlier = [pack for pack in packs if pack is not current]
    return replace(file_knowledge(current, SchoolYear(year), earlier), **changes)


def hashed(number: str) -> bytes:
    return blake2b(number.encode(), key=b"of the tests", digest_size=16).digest()


def row(**cells: str) -> str:
    """A line of a TOMS file: the good row with some cells changed, as they stand in the file."""
    return ",".join(cells.get(name, good) for name, good in zip(COLUMNS, GOOD, strict=True))


def lines(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join((header, *rows, "")).encode()


def read_all(
    data: bytes | Iterable[bytes],
    form: str = "toms",
    about: FileKnowledge | None = None,
    limits: FileLimits | None = None,
) -> list[Item]:
    others = formats().values()
    chunks = [data] if isinstance(data, bytes) else data
    return list(read(formats()[form], about or known(), chunks, limits, others))


def rows_of(items: Iterable[Item]) -> list[Row]:
    return [item for item in items if isinstance(item, Row)]


def problems_of(items: Iterable[Item]) -> list[RowProblem]:
    return [item for item in items if isinstance(item, RowProblem)]


def only_problem(**cells: str) -> RowProblem:
    """The one problem of a file with this row."""
    items = read_all(lines(row(**cells)))
    (problem,) = problems_of(items)
    assert problem.row == 2
    return problem
