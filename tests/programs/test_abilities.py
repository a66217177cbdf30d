"""The abilities that the sources list in sentences, transcribed a second time, against what the packs give."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.programs.transcription import pack, role_of, transcribed

MEANINGS: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("abilities.yaml").read_text(encoding="utf-8")
)
PACK_OF = {"S1,1": "caaspp", "S1,4": "elpac", "S0,2": "caaspp-2017-18"}
LISTED_NOWHERE = {("elpac", role, "tools-for-teachers:resources:open") for role in (
    "lea-coordinator", "site-coordinator", "test-examiner",
)}  # fmt: skip
"""S1-25 stands in the paragraph on another role."""
LINES = [(f"{line['source']},{line['table']}", line["role"], line["ability"]) for line in transcribed("abilities")]


def given(name: str) -> set[tuple[str, str]]:
    return {(cell.role, spec.permission) for cell in pack(name).cells for spec in cell.grants}


def meant(table: str) -> set[tuple[str, str]]:
    """What the abilities of a table's roles are, in the vocabulary."""
    of = pack(PACK_OF[table])
    return {
        (role_of(of, role).slug, permission)
        for where, role, ability in LINES
        if where == table and isinstance(MEANINGS[table][ability], list)
        for permission in MEANINGS[table][ability]
    }


@pytest.mark.parametrize("table", PACK_OF)
def test_every_ability_has_a_meaning_and_no_meaning_is_idle(table: str) -> None:
    assert set(MEANINGS[table]) == {ability for where, _, ability in LINES if where == table}


@pytest.mark.parametrize("table", PACK_OF)
def test_every_ability_is_given(table: str) -> None:
    assert meant(table) - given(PACK_OF[table]) == set()


@pytest.mark.parametrize("table", PACK_OF)
def test_what_sentences_give_is_an_ability_of_the_role(table: str) -> None:
    """Cells without a printed text; the guide of 2017-18 has further sentences outside of its table."""
    name = PACK_OF[table]
    by_sentence = {
        (cell.role, str(spec.permission))
        for cell in pack(name).cells
        for spec in cell.grants
        if not cell.text and (table != "S0,2" or cell.basis == "S0, Table 2")
    }
    nowhere = {(role, permission) for where, role, permission in LISTED_NOWHERE if where == name}
    assert by_sentence - meant(table) == nowhere
