"""Roles that ask for a second step: withheld in a session that lacks it, and nowhere else."""

from dataclasses import replace

import pytest
from hypothesis import given

from policy.facts import Person
from policy.grants import access_of
from policy.reasons import MissingStep, StepKind
from policy.second_step import AAL1, AAL2, in_session, lacks_level, must_have_second_step, password_may_be_short
from store.shipped_packs import shipped_packs
from tests.policy import worlds
from tests.policy.worlds import PACKS, TODAY, YEARS

STEP = MissingStep(StepKind.SECOND_STEP)


@pytest.mark.parametrize(
    ("acr", "required", "lacks"),
    [(AAL1, True, True), (AAL2, True, False), ("", True, False), ("urn:other", True, True), (AAL1, False, False)],
)
def test_which_levels_are_too_low(acr: str, required: bool, lacks: bool) -> None:
    assert lacks_level(acr, required=required) == lacks


@given(worlds.people)
def test_the_step_takes_roles_that_ask_for_it_and_nothing_else(person: Person) -> None:
    whole, weak = (access_of(in_session(person, missing=missing), PACKS, YEARS, TODAY) for missing in (False, True))
    asks = {
        one.id
        for one in (*whole.effective, *(held.assignment for held in whole.withheld))
        if (pack := PACKS.at(one.program, one.school_year or None)) and pack.roles[one.role].second_step
    }
    assert weak.grants == tuple(grant for grant in whole.grants if grant.assignment not in asks)
    assert [one.id for one in weak.effective] == [one.id for one in whole.effective if one.id not in asks]
    for one in weak.withheld:
        assert STEP not in one.missing or one.assignment.id in asks
    assert must_have_second_step(person, PACKS, YEARS, TODAY) == any(STEP in one.missing for one in weak.withheld)


@given(worlds.people)
def test_the_order_of_asking_is_nothing_to_it(person: Person) -> None:
    again = in_session(in_session(person, missing=True), missing=False)
    assert again == replace(person, second_step_missing=False)


@pytest.mark.rule("state")
@pytest.mark.parametrize(
    ("program", "roles"),
    [
        ("caaspp", {"superintendent", "lea-coordinator", "site-coordinator"}),
        ("elpac", {"superintendent", "lea-coordinator", "site-coordinator"}),
        ("isat", {"state-administrator", "district-test-coordinator"}),
        ("state", {"state-administrator", "integration-administrator", "help-desk", "privacy-officer", "auditor"}),
    ],
)
def test_who_must_by_default(program: str, roles: set[str]) -> None:
    packs = [file.pack for file in shipped_packs()]
    found = [pack for pack in packs if pack.program == program and pack.from_year != "2017-18"]
    assert {role.slug for pack in found for role in pack.roles.values() if role.second_step} == roles


@pytest.mark.parametrize(("mandatory", "enrolled", "short"), [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 0)])
@pytest.mark.checklist("45 short")
def test_eight_characters_only_where_a_second_factor_is_mandatory_and_there(
    mandatory: int, enrolled: int, short: int
) -> None:
    assert password_may_be_short(mandatory=bool(mandatory), enrolled=bool(enrolled)) == bool(short)
