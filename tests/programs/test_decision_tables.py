"""The decision tables beside the packs: what a role may do where, written from the sources, held by `decide`."""

from pathlib import Path

import pytest

from policy.decide import decide
from policy.grant import Access
from policy.grants import access_of
from policy.ids import SchoolYear
from policy.packs import Packs
from store.shipped_packs import PROGRAMS, vocabulary
from tests.programs.decision_tables import Case, Table, read_table, table_paths
from tests.programs.places import TODAY, World

pytestmark = pytest.mark.parametrize("path", table_paths(), ids=lambda path: path.name.partition(".")[0])


class Judge:
    """Puts a case to `decide`, for a person who holds the role and has done all that it asks for."""

    def __init__(self, table: Table) -> None:
        self.world = World(table.pack, SchoolYear(table.year) if table.year else None)
        self._packs = Packs(vocabulary(), [table.pack])
        self._access: dict[object, Access] = {}

    def access(self, case: Case) -> Access:
        key = (case.role, case.level)
        if key not in self._access:
            person = self.world.person(self.world.pack.roles[case.role], case.level)
            self._access[key] = access_of(person, self._packs, self.world.years, TODAY)
        return self._access[key]

    def allows(self, case: Case) -> bool:
        return decide(self.access(case), self.world.question(case.level, case.asked, case.place)).allowed


def test_the_table_is_sound(path: Path) -> None:
    assert read_table(path).faults == ()


def test_each_row_is_decided_as_it_says(path: Path) -> None:
    table = read_table(path)
    judge = Judge(table)
    assert [f"{case}: expected {said}" for case, said in table.expected.items() if judge.allows(case) is not said] == []


@pytest.mark.rule("S4-03")
def test_what_no_row_allows_is_denied(path: Path) -> None:
    table = read_table(path)
    judge = Judge(table)
    wrong = [case for case in table.every_case() if judge.allows(case) is not table.expects(case)]
    assert [f"{case}: expected {table.expects(case)}" for case in wrong] == []


def test_each_role_and_permission_has_a_row_and_each_allowed_pair_a_denial(path: Path) -> None:
    table = read_table(path)
    said = {
        answer: {(c.role, c.asked.permission) for c, one in table.expected.items() if one is answer}
        for answer in (True, False)
    }
    pairs = {(role, permission) for role in table.pack.roles for permission in vocabulary()}
    assert pairs - said[True] - said[False] == set()
    if not table.pack.every_program:  # the state's own roles reach every place that there is
        assert said[True] - said[False] == set()


def test_the_allowed_pairs_are_the_packs_grants(path: Path) -> None:
    table = read_table(path)
    allowed = {(case.role, case.asked.permission) for case, said in table.expected.items() if said}
    granted = {(cell.role, spec.permission) for cell in table.pack.cells for spec in cell.grants}
    assert allowed == granted


def test_every_shipped_pack_has_a_table(path: Path) -> None:
    tables = {one.name.replace(".decisions.yaml", ".toml") for one in table_paths()}
    assert path in table_paths()
    assert {one.name for one in PROGRAMS.glob("*.toml")} - tables == {"permissions.toml"}
