"""Each rule of the domain is held by a test that names it, or says why it isn't software."""

import os

from tests.rules import TABLE, holding, rules, written


def test_each_rule_is_held_by_a_test_or_says_why_not() -> None:
    held = holding()
    without = [one.number for one in rules() if one.number not in held and one.not_software is None]
    assert without == []


def test_no_test_names_a_rule_that_nobody_wrote_down() -> None:
    assert sorted(holding().keys() - {one.number for one in rules()}) == []


def test_what_is_no_software_has_no_test() -> None:
    held = holding()
    assert [one.number for one in rules() if one.not_software is not None and one.number in held] == []


def test_the_table_is_written_from_the_tests() -> None:
    if os.environ.get("HALLPASS_WRITE_RULES"):
        TABLE.write_text(written(), encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == written(), "HALLPASS_WRITE_RULES=1 writes it again"
