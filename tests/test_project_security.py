"""Each row of the security checklist is held by a test that names it, or says why it doesn't apply."""

import os
import tomllib
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
    not_here: str | None


def rows() -> list[Row]:
    read = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return [Row(number, one["refuses"], one["source"], one.get("not_here")) for number, one in read.items()]


def written() -> str:
    """The page, its table made anew."""
    held = marked("checklist")
    above, line, _ = PAGE.read_text(encoding="utf-8").partition(_LINE)
    table = ["", "| row | refused | asked for by | held by |", "|---|---|---|---|"]
    table += [
        f"| {row.number} | {row.refuses} | {row.source} | {row.not_here or told(held.get(row.number, []))} |"
        for row in rows()
    ]
    return above + line + "\n".join(table) + "\n"


def test_each_row_is_held_by_a_test_or_says_why_it_does_not_apply() -> None:
    held = marked("checklist")
    assert [row.number for row in rows() if row.number not in held and row.not_here is None] == []
    assert [row.number for row in rows() if row.number in held and row.not_here is not None] == []


def test_no_test_names_a_row_that_nobody_wrote_down() -> None:
    assert sorted(marked("checklist").keys() - {row.number for row in rows()}) == []


def test_the_table_is_written_from_the_tests() -> None:
    if os.environ.get("HALLPASS_WRITE_RULES"):
        PAGE.write_text(written(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == written(), "HALLPASS_WRITE_RULES=1 writes it again"
