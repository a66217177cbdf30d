"""Every refusal of a pack file: one fault in a sound pack, and exactly the problem that is told."""

from pathlib import Path

import pytest
import yaml

from policy import pack_check
from policy.pack_file import PackError, read_pack, read_vocabulary
from store.shipped_packs import shipped_packs

VOCABULARY = read_vocabulary(
    """
    [tds.interim]
    administer = "administer interim tests"
    [cers.results]
    view = { label = "see results", by_assessment = true, earlier_years = true }
    [toms.reports]
    view = { label = "open reports", by_report = true }
    """,
    "permissions.toml",
)
SOUND = """
program        = "red"
label          = "Red"
from_year      = "2026-27"
account_policy = "multi-role"
assessments    = ["summative", "interim"]
[sources]
S9 = "A guide"
[systems]
cers = { label = "Reporting", rosters = "system" }
tds  = { label = "Delivery", rosters = "gateway" }
[forms.oath]
label   = "Oath"
version = "1"
text    = "I will."
[roles.head]
label   = "Head"
levels  = ["lea"]
rank    = 1
derived = "directory"
summary = "Stands above."
[roles.boss]
label         = "Boss"
levels        = ["lea"]
rank          = 3
primary_rank  = 2
assignable_by = ["head", { role = "boss", primary = true }]
aliases       = ["Chief – Red"]
forms         = ["oath"]
summary       = "Runs it."
[roles.helper]
label         = "Helper"
levels        = ["lea", "school"]
rank          = 4
assignable_by = ["boss"]
summary       = "Helps."
[[tables]]
source = "S9"
name   = "Table 1"
[tables.columns]
boss   = "Boss"
helper = "Helper"
[[tables.rows]]
name   = "Results"
boss   = { text = "Entire LEA", may = ["cers:results:view"], assessments = ["summative"] }
helper = { text = "No" }
[[sentences]]
rule   = "S9-01"
name   = "Interims"
helper = { may = ["tds:interim:administer"], reach = "site" }
"""
RESULTS = 'tables["Table 1"].rows["Results"].boss'
REFUSALS: list[tuple[str, str, str]] = [
    (one["sound"], one["faulty"], one["problem"])
    for one in yaml.safe_load(Path(__file__).with_name("pack_refusals.yaml").read_text(encoding="utf-8"))
]


def problems_of(text: str) -> list[str]:
    with pytest.raises(PackError) as caught:
        read_pack(text, "red.toml", VOCABULARY)
    assert all(problem.file == "red.toml" for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


def test_the_sound_pack_is_read() -> None:
    pack = read_pack(SOUND, "red.toml", VOCABULARY)
    assert [(cell.row, cell.role, cell.basis) for cell in pack.cells] == [
        ("Results", "boss", "S9, Table 1"),
        ("Results", "helper", "S9, Table 1"),
        ("Interims", "helper", "S9-01"),
    ]


@pytest.mark.parametrize(("sound", "faulty", "problem"), REFUSALS)
def test_one_fault_is_one_problem(sound: str, faulty: str, problem: str) -> None:
    assert sound in SOUND
    assert any(_is(one, problem) for one in problems_of(SOUND.replace(sound, faulty, 1)))


def test_all_problems_are_told_at_once() -> None:
    text = (
        SOUND.replace("rank    = 1", "").replace('"multi-role"', '"many"').replace('["cers:results:view"]', '["x:y:z"]')
    )
    assert problems_of(text) == [
        "red.toml: roles.head.rank: is missing: write a whole number.",
        "red.toml: account_policy: “many” is unknown; write one of single-level, multi-role.",
        f"red.toml: {RESULTS}: x:y:z is no permission of the vocabulary.",
    ]


def test_every_check_has_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check, a problem that a refusal above expects is told no more."""
    idle: list[str] = []
    for table in ("PACK_CHECKS", "GRANT_CHECKS"):
        every = getattr(pack_check, table)
        for check in every:
            monkeypatch.setattr(pack_check, table, tuple(one for one in every if one is not check))
            if all(_told(fault) for fault in REFUSALS):
                idle.append(check.__name__)
        monkeypatch.setattr(pack_check, table, every)
    assert idle == []


def _told(fault: tuple[str, str, str]) -> bool:
    sound, faulty, problem = fault
    try:
        read_pack(SOUND.replace(sound, faulty, 1), "red.toml", VOCABULARY)
    except PackError as error:
        return any(_is(str(one), problem) for one in error.problems)
    return False


def _is(told: str, problem: str) -> bool:
    """What TOML's own reader says follows a colon and isn't ours to fix."""
    return told == f"red.toml: {problem}" or told.startswith(f"red.toml: {problem}: ")


def test_every_shipped_pack_passes() -> None:
    assert {file.pack.program for file in shipped_packs()} == {"caaspp", "elpac", "isat", "state", "tide-template"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[cers.results]\nView = 'see'",
            "v.toml: cers.results.View: is no name: write small letters, digits and hyphens.",
        ),
        ("[cers.results]\nview = 3", "v.toml: cers.results.view: must be a table, not a whole number."),
        ("[cers.results]\nview = { label = 'see', by = true }", "v.toml: cers.results.view.by: is unknown here."),
        ("cers = 1", "v.toml: cers: must be a table, not a whole number."),
    ],
)
def test_a_faulty_vocabulary_is_refused(text: str, problem: str) -> None:
    with pytest.raises(PackError) as caught:
        read_vocabulary(text, "v.toml")
    assert problem in [str(one) for one in caught.value.problems]
