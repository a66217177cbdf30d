"""Each row of the security checklist, and each part of one, is held by a test that names it, or says why it isn't."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.markers import marked, told
from tests.project import ROOT

LIST = ROOT / "docs" / "security.toml"
PAGE = ROOT / "docs" / "security.md"
_LINE = "<!-- below this line everything is generated -->\n"


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    refuses: str
    source: str
    parts: tuple[str, ...]
    not_here: str | None

    @property
    def names(self) -> list[str]:
        """What a test may name: the row, and each of its parts behind the number."""
        return [self.number, *(f"{self.number} {part}" for part in self.parts)]

    @property
    def needed(self) -> list[str]:
        """What a test must name: each part, or the whole row where it has none."""
        return [] if self.not_here else self.names[1:] or [self.number]


def rows() -> list[Row]:
    read = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return [
        Row(number, one["refuses"], one["source"], tuple(one.get("parts", ())), one.get("not_here"))
        for number, one in read.items()
    ]


def _held_by(row: Row, held: Mapping[str, list[str]]) -> str:
    """The cell of the table: for each part its tests, and those of the row as a whole."""
    if row.not_here is not None:
        return row.not_here
    return "<br>".join(_lines(row, held))


def _lines(row: Row, held: Mapping[str, list[str]]) -> Iterator[str]:
    for part in row.parts:
        yield f"**{part}**: {told(held.get(f'{row.number} {part}', []))}"
    if row.number in held:
        yield f"{'**besides**: ' if row.parts else ''}{told(held[row.number])}"


def written() -> str:
    """The page, its table made anew."""
    held = marked("checklist")
    above, line, _ = PAGE.read_text(encoding="utf-8").partition(_LINE)
    table = ["", "| row | refused | asked for by | held by |", "|---|---|---|---|"]
    table += [f"| {row.number} | {row.refuses} | {row.source} | {_held_by(row, held)} |" for row in rows()]
    return above + line + "\n".join(table) + "\n"


def test_each_row_and_part_is_held_by_a_test_or_says_why_it_does_not_apply() -> None:
    held = marked("checklist")
    assert [name for row in rows() for name in row.needed if name not in held] == []
    assert [name for row in rows() if row.not_here for name in row.names if name in held] == []


def test_no_test_names_a_row_or_part_that_nobody_wrote_down() -> None:
    assert sorted(marked("checklist").keys() - {name for row in rows() for name in row.names}) == []


def test_the_table_is_written_from_the_tests() -> None:
    if os.environ.get("HALLPASS_WRITE_RULES"):
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written(), "HALLPASS_WRITE_RULES=1 writes it again"
