"""Rows of one file that collide: repeated ones, two roles of one person (S0-41), one mailbox twice."""

from typing import Any

import pytest

from policy.files.key_table import KeyTable
from policy.files.rows import Severity
from policy.ids import RoleSlug
from tests.files.formats.made import known, lines, problems_of, read_all, row, rows_of

OTHER = "19000010000025"


def told(*rows: str, **changes: Any) -> list[tuple[int | None, str, int | None]]:
    return [(one.row, one.code, one.other_row) for one in problems_of(read_all(lines(*rows), about=known(**changes)))]


@pytest.mark.rule("S0-41", "S0-12")
def test_s0_41_two_roles_at_one_organization_name_both_rows() -> None:
    items = read_all(lines(row(), row(code=OTHER), row(role="Educator - Roster", email="Jane.Alder@NORTH.example")))
    (problem,) = problems_of(items)
    assert (problem.row, problem.other_row, problem.code, problem.rule) == (4, 2, "two-roles", "S0-41")
    assert problem.column == "Role in Organization"
    assert "“Test Administrator” in row 2" in problem.message
    assert "“Educator - Roster” here" in problem.message
    assert [one.number for one in rows_of(items)] == [2, 3]


@pytest.mark.rule("S0-41", "S0-12")
@pytest.mark.parametrize("order", [1, -1])
def test_s0_12_the_role_that_contains_the_other_is_named_if_known(order: int) -> None:
    wide = known().roles["test examiner"].slug

    def contains(one: RoleSlug, _other: RoleSlug) -> bool:
        return one == wide

    rows = [row(), row(role="Test Examiner")][::order]
    (problem,) = problems_of(read_all(lines(*rows), about=known(contains=contains)))
    assert problem.remedy.startswith("“Test Examiner” gives all that “Test Administrator” does")


@pytest.mark.rule("S0-41", "S0-07", "S0-08", "S0-10")
def test_s0_07_where_an_account_holds_one_role_two_roles_collide_anywhere() -> None:
    rows = (row(), row(code=OTHER), row(code="19000010000033", role="Educator - Roster"))
    assert told(*rows) == []
    assert told(*rows, single_level=True) == [(4, "two-roles", 2)]


@pytest.mark.rule("S0-41", "S0-08")
def test_s0_08_one_role_at_several_organizations_is_no_collision() -> None:
    assert told(row(), row(code=OTHER), single_level=True) == []


@pytest.mark.rule("files")
def test_the_same_row_twice_is_an_error() -> None:
    assert told(row(), row(email="b@x.example"), row()) == [(4, "repeated-row", 2)]
    assert told(row(), row(), find_repeats=False) == []


@pytest.mark.rule("files")
def test_a_plus_address_is_flagged_where_its_mailbox_is_there_already_or_comes_later() -> None:
    plus, bare = row(email="jane.alder+two@north.example"), row()
    for first, second in ((bare, plus), (plus, bare), (plus, row(email="jane.alder+three@north.example"))):
        items = read_all(lines(first, second))
        (problem,) = problems_of(items)
        assert (problem.row, problem.other_row, problem.code) == (3, 2, "same-mailbox")
        assert problem.severity is Severity.WARNING
        assert len(rows_of(items)) == 2
    assert told(plus, row(email="jane.alder+two@north.example", code=OTHER)) == []
    assert told(plus, row(email="b@north.example")) == []


@pytest.mark.rule("accounts-3")
def test_another_name_or_number_for_one_address_is_flagged() -> None:
    assert told(row(), row(last="Adler", code=OTHER)) == [(3, "differs-in-file", 2)]
    assert told(row(), row(phone="916-555-0199", code=OTHER)) == [(3, "differs-in-file", 2)]
    assert told(row(), row(code=OTHER)) == []


@pytest.mark.rule("files")
def test_a_row_with_errors_collides_with_nothing() -> None:
    assert told(row(phone="1"), row(role="Educator - Roster")) == [(2, "not-a-phone", None)]


@pytest.mark.parametrize("most", [0, 10, 1_000_000])
def test_the_table_of_keys_keeps_the_first_value_of_each(most: int) -> None:
    table = KeyTable(most)
    keys = [hash((number, "a")) for number in range(5000)] + [0, -1]
    assert [table.first(key, at + 1) for at, key in enumerate(keys)] == [0] * len(keys)
    assert [table.first(key, 99_999) for key in keys] == list(range(1, len(keys) + 1))
    assert [table.find(key) for key in keys] == list(range(1, len(keys) + 1))
    assert table.find(hash((5000, "a"))) == 0
