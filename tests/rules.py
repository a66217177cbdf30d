"""The rules of the domain and the tests that name them: `docs/rules.md` is written from both."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from tests.markers import marked, told
from tests.project import ROOT

LIST = ROOT / "docs" / "rules.toml"
TABLE = ROOT / "docs" / "rules.md"
_HEADINGS = {
    "S0": "CAASPP user roles and uploads, 2017-18",
    "S1": "CAASPP and ELPAC user roles, 2025-26",
    "S4": "TIDE",
    "accounts": "Accounts and persons",
    "delegation": "Who may give, change and take",
    "product": "Files, access, students, years, the state, asking",
}


@dataclass(frozen=True, slots=True)
class Rule:
    section: str
    number: str
    text: str
    not_software: str | None


def rules() -> list[Rule]:
    """Every rule of the list, in its order."""
    read = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return [
        Rule(section, _number(section, key), one["rule"], one.get("not_software"))
        for section, listed in read.items()
        for key, one in listed.items()
    ]


def _number(section: str, key: str) -> str:
    return key if section == "product" else f"{section}-{key}"


def holding() -> Mapping[str, list[str]]:
    """By rule, the tests that name it, and the rows of decision tables that do."""
    found = {rule: set(tests) for rule, tests in marked("rule").items()}
    for path in sorted((ROOT / "programs").glob("*.decisions.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))["rows"]:
            for rule in _several(row.get("rule")):
                found.setdefault(rule, set()).add(f"{path.name}")
    return {rule: sorted(tests) for rule, tests in found.items()}


def _several(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def written() -> str:
    """The whole of `docs/rules.md`."""
    held = holding()
    lines = [
        "# Rules of the domain, and what holds them",
        "",
        "Written from `docs/rules.toml` and from the tests that name a rule by `@pytest.mark.rule`; a decision table",
        "(`programs/*.decisions.yaml`) names it in its rows.",
        "`HALLPASS_WRITE_RULES=1 pytest tests/test_project_rules.py` writes it again.",
    ]
    for section, heading in _HEADINGS.items():
        lines += ["", f"## {heading}", "", "| rule | what it says | held by |", "|---|---|---|"]
        for rule in (one for one in rules() if one.section == section):
            by = rule.not_software or told(held.get(rule.number, []))
            lines.append(f"| {rule.number} | {rule.text} | {by} |")
    return "\n".join(lines) + "\n"
