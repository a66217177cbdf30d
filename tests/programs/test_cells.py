"""Cells, levels and assigners against a second transcription of the sources, made without seeing the packs."""

from itertools import zip_longest

import pytest

from policy.facts import Level
from tests.programs.transcription import pack, role_of, transcribed
from tests.project import toml

MARKS = {"yes": "✓", "view": "✓**", "no": ""}
"""How the transcription writes a table of ticks."""
PACK_OF = {("S1", "CAASPP"): "caaspp", ("S1", "ELPAC"): "elpac", ("S0", "CAASPP"): "caaspp-2017-18"}


@pytest.mark.rule("S4-01", "S4-04")
@pytest.mark.parametrize("name", ["caaspp", "elpac", "isat", "tide-template"])
def test_every_cell_is_as_the_source_prints_it(name: str) -> None:
    ours = [
        (table["source"], table["name"], row["name"], column, row.get(slug, {}).get("text", ""))
        for table in toml(f"programs/{name}.toml")["tables"]
        for row in table["rows"]
        for slug, column in table["columns"].items()
    ]
    theirs = [
        (line["source"], f"Table {line['table']}", line["row"], line["role_column"], _printed(line["text"]))
        for line in transcribed(name)
    ]
    differences = [(us, them) for us, them in zip_longest(ours, theirs) if us != them]
    assert differences == []


def _printed(text: str) -> str:
    return MARKS.get(text, text)


def test_no_cell_of_the_template_is_stated() -> None:
    template = pack("tide-template")
    assert len(template.cells) == 4 * 44
    assert not any(cell.stated or cell.grants for cell in template.cells)


@pytest.mark.rule("S1-19", "S4-02")
@pytest.mark.parametrize("line", transcribed("roles"), ids=lambda line: " ".join(list(line.values())[:3]))
def test_levels_assigners_and_credentials_are_the_sources(line: dict[str, str]) -> None:
    of = pack(PACK_OF[line["source"], line["program"]])
    role = role_of(of, line["role"])
    assert role.credential is (line["credential"] == "yes")
    if line["level"] == "directory":
        assert (role.derived, role.assignable_by) == ("directory", ())
        return
    assert role.levels == ({Level(line["level"])} if line["level"] else {Level.LEA, Level.SCHOOL})
    if line["assigned_by"] == "LEA superintendent":
        assert role.derived == "operator", "S0-13: by a form outside of the system"
        return
    named = [(name.removeprefix("primary "), name.startswith("primary ")) for name in line["assigned_by"].split(";")]
    known = {(role_of(of, label).slug, primary) for label, primary in named}
    ours = {(one.role, one.primary) for one in role.assignable_by}
    assert known <= ours if line["role"].endswith("(Primary)") else known == ours


@pytest.mark.rule("S0-05", "S4-05")
@pytest.mark.parametrize(("source", "program"), PACK_OF)
def test_every_role_of_the_sources_is_in_its_pack_and_no_other(source: str, program: str) -> None:
    of = pack(PACK_OF[source, program])
    lines = [line for line in transcribed("roles") if (line["source"], line["program"]) == (source, program)]
    assert {role_of(of, line["role"]).slug for line in lines} == set(of.roles)
