"""The table of `docs/smarter.md` is made from the mapping, and its settings and addresses exist."""

import os
import re

from gateway.smarter.routes import routes
from policy.ids import ProgramCode
from policy.smarter.mapping import Emitted, MappingRow
from store.shipped_packs import shipped_packs
from store.smarter_mapping import shipped_mapping
from tests.project import ROOT

DOCUMENT = ROOT / "docs" / "smarter.md"
TABLE = re.compile(r"(?<=again -->\n).*(?=<!-- end -->)", re.DOTALL)


def label(row: MappingRow) -> str:
    found = [one.pack for one in shipped_packs() if one.pack.program == row.program and row.role in one.pack.roles]
    return found[-1].roles[row.role].label


def told(emitted: Emitted | None) -> str:
    if emitted is None:
        return "–"
    roles = ", ".join(f"`{one.name}`" for one in emitted.roles) or "nothing"
    basis = f"{roles} ({emitted.basis})"
    return f"{basis}. {emitted.differs}" if emitted.differs else basis


def table() -> str:
    """A row for each role, level and program."""
    mapping = shipped_mapping()
    names = [f"{one.name} (`{one.system}`)" for one in mapping.components.values()]
    lines = [f"| program | role | level | {' | '.join(names)} |", f"|{'---|' * (3 + len(names))}"]
    for row in mapping.rows:
        cells = [told(row.components.get(code)) for code in mapping.components]
        lines.append(f"| {row.program} | {label(row)} | {row.tier} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def test_the_table_is_the_mapping() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    if os.environ.get("HALLPASS_WRITE_SMARTER"):
        text = TABLE.sub(lambda _: table(), text)
        DOCUMENT.write_text(text, encoding="utf-8")
    found = TABLE.search(text)
    assert found is not None
    assert found.group() == table(), "HALLPASS_WRITE_SMARTER=1 writes it again"


def test_each_address_is_named() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [path for route in routes() if (path := getattr(route, "path", "")) not in text] == []


def test_the_mapping_has_a_first_year_for_each_program() -> None:
    mapping = shipped_mapping()
    assert mapping.from_years == {ProgramCode("caaspp"): "2025-26", ProgramCode("elpac"): "2025-26"}
