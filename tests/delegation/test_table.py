"""The delegation table, row by row: actor × target × operation, allowed or refused with its code and rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from policy.delegation import (
    IdentityOperation,
    Recipient,
    Refusal,
    Suspension,
    may_assign,
    may_change_identity,
    may_designate,
    may_lift,
    may_remove,
    may_replace,
    may_resend,
    may_suspend,
    may_update,
    replaced_by,
)
from policy.facts import Assignment, Person
from tests.delegation.scene import ACCOUNTS, PACKS, ROLES, TODAY, YEARS, actor, author, person, recipient, written

TABLE: Final[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("table.yaml").read_text(encoding="utf-8"))
PEOPLE: Final[dict[str, Person]] = {name: person(name, words) for name, words in TABLE["people"].items()}
ROWS: Final[list[tuple[str, ...]]] = [tuple(str(cell) for cell in row) for row in TABLE["rows"]]
_LATER, _EARLIER = date(2027, 1, 31), date(2026, 11, 1)
_OPERATIONS: Final = {
    "edit": IdentityOperation.EDIT,
    "email": IdentityOperation.CHANGE_EMAIL,
    "reset": IdentityOperation.RESET_PASSWORD,
    "second-factor": IdentityOperation.RESET_SECOND_FACTOR,
    "suspend-account": IdentityOperation.SUSPEND,
    "delete": IdentityOperation.DELETE,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its people."""

    actor: Person
    operation: str
    what: str
    name: str

    @property
    def whom(self) -> Recipient:
        return recipient(PEOPLE[self.name], exists=self.name != "new")

    @property
    def held(self) -> Assignment:
        """The assignment that the row writes, as she holds it (a row may leave out that it is primary)."""
        asked = written(self.what).held_by(self.name)
        return next((one for one in self.whom.assignments if one.id == asked.id), asked)


def _answer(refusal: Refusal | None, otherwise: str = "allow") -> str:
    if refusal is None:
        return otherwise
    assert refusal.field
    assert refusal.message
    assert refusal.remedy
    return f"{refusal.code} {refusal.rule}"


def _assign(row: Row) -> str:
    return _answer(may_assign(actor(row.actor, ROLES), row.whom, written(row.what).proposal(), PACKS, YEARS).refusal)


def _file(row: Row) -> str:
    new = written(row.what).proposal()
    old = replaced_by(row.whom, new, PACKS)
    found = may_replace(actor(row.actor, ROLES), row.whom, old, new, PACKS, YEARS)
    return _answer(found.refusal, found.outcome)


def _update(row: Row) -> str:
    day = _EARLIER if row.operation == "update-past" else _LATER
    return _answer(may_update(actor(row.actor, ROLES), row.whom, row.held, day, PACKS, TODAY).refusal)


def _identity(row: Row) -> str:
    operation = _OPERATIONS[row.operation]
    return _answer(may_change_identity(actor(row.actor, ACCOUNTS), row.whom, operation, PACKS).refusal)


def _lift(row: Row) -> str:
    by = row.operation.removeprefix("lift by ")
    whole = row.what == "account"
    concerned = frozenset[Any]() if whole else frozenset({row.held.id})
    suspension = Suspension(None if by == "nobody" else author(PEOPLE[by]), whole, concerned)
    return _answer(may_lift(actor(row.actor, ACCOUNTS), row.whom, suspension, PACKS).refusal)


JUDGES: Final[dict[str, Callable[[Row], str]]] = {
    "assign": _assign,
    "file": _file,
    "update": _update,
    "update-past": _update,
    "remove": lambda row: _answer(may_remove(actor(row.actor, ROLES), row.whom, row.held, PACKS).refusal),
    "suspend": lambda row: _answer(may_suspend(actor(row.actor, ROLES), row.whom, row.held, PACKS).refusal),
    "designate": lambda row: _answer(may_designate(actor(row.actor, ROLES), row.whom, row.held, PACKS).refusal),
    "resend": lambda row: _answer(may_resend(actor(row.actor, ACCOUNTS), row.whom, PACKS).refusal),
    "lift": _lift,
    **dict.fromkeys(_OPERATIONS, _identity),
}


@pytest.mark.rule("S0-13", "S1-14", "S1-02", "delegation-6")
@pytest.mark.rule("delegation-1", "delegation-2", "delegation-3", "delegation-5", "accounts-3", "accounts-5", "files")
@pytest.mark.rule("S0-01", "S0-04", "S0-19", "S0-20", "S0-30", "S0-31", "S0-32", "S0-42", "S1-05", "S1-07", "S1-15")
@pytest.mark.rule("S1-16", "S1-17", "S1-18", "S1-22", "S1-23", "S1-24", "S1-25", "S1-26", "S0-12", "S0-39", "S1-13")
@pytest.mark.parametrize("cells", ROWS, ids=lambda row: "-".join(row[:4]))
@pytest.mark.checklist("56 more than one has")
def test_each_row_is_answered_as_the_table_says(cells: tuple[str, ...]) -> None:
    name, operation, what, whom, expected = cells
    row = Row(PEOPLE[name], operation, what, whom)
    assert JUDGES[operation.partition(" ")[0]](row) == expected


def test_the_table_is_large_and_says_each_thing_once() -> None:
    """At least 150 rows; no two about the same; every operation is both allowed and refused."""
    assert len(ROWS) >= 150
    assert len({row[:4] for row in ROWS}) == len(ROWS)
    refused = {row[1].partition(" ")[0] for row in ROWS if " " in row[4]}
    allowed = {row[1].partition(" ")[0] for row in ROWS if " " not in row[4]}
    assert allowed == set(JUDGES) - {"update-past"}
    assert refused >= set(JUDGES)


def test_everybody_of_the_table_has_a_row() -> None:
    named = {cell for row in ROWS for cell in (row[0], row[3], row[1].removeprefix("lift by "))}
    assert set(PEOPLE) <= named
