"""Single decisions: each reason code, and what decides where grants are narrow."""

from dataclasses import replace
from datetime import date

import pytest

from policy.decide import (
    Decision,
    GroupTarget,
    ItemTarget,
    OrganizationTarget,
    Question,
    StudentTarget,
    SystemTarget,
    UserTarget,
    decide,
)
from policy.facts import AssignmentStatus, Credential, Organization, Person, RosterPlace, SignedForm, UserStatus
from policy.grants import access_of
from policy.ids import GroupId, Permission, System, UserId
from policy.reasons import MissingStep, Reason, StepKind
from tests.policy import worlds
from tests.policy.worlds import BOSS, HEAD, NEXT, NOW, PACKS, READER, RED, SITE, SPLIT, TEACHER, TODAY, YEARS

LEA, OTHER_LEA = worlds.LEAS[:2]
SCHOOL, SIBLING, ELSEWHERE = worlds.SCHOOLS[:3]
ANN = UserId(worlds.ident("ann"))
GROUP = GroupId(worlds.ident("group"))
AFFIDAVIT = frozenset({SignedForm(RED, "affidavit", NOW)})
UNSIGNED: frozenset[SignedForm] = frozenset()
LICENCE = (Credential(LEA.id, TODAY),) if LEA.lea else ()


def person(role: str, where: Organization, **more: object) -> Person:
    held = worlds.assignment(worlds.Holding(role, where))  # type: ignore[arg-type]
    return Person(ANN, UserStatus.ACTIVE, (held,), **more)  # type: ignore[arg-type]


def teacher(**more: object) -> Person:
    return person(TEACHER, SCHOOL, **{"forms": AFFIDAVIT, "credentials": LICENCE, **more})


def ask(who: Person, permission: Permission, where: Organization, **more: object) -> Decision:
    target = OrganizationTarget(worlds.place_of(where))
    return decide(access_of(who, PACKS, YEARS, TODAY), Question(permission, target, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("role", "held_at", "permission", "asked_at", "reason"),
    [
        (SITE, SCHOOL, worlds.RESULTS, SCHOOL, Reason.GRANTED),
        (SITE, SCHOOL, worlds.RESULTS, SIBLING, Reason.NOT_THIS_ORGANIZATION),
        (SITE, SCHOOL, worlds.RESULTS, LEA, Reason.NOT_THIS_ORGANIZATION),
        (SITE, SCHOOL, worlds.GROUPS, SCHOOL, Reason.NO_ASSIGNMENT),
        (BOSS, LEA, worlds.RESULTS, LEA, Reason.GRANTED),
        (BOSS, LEA, worlds.RESULTS, SIBLING, Reason.GRANTED),
        (BOSS, LEA, worlds.RESULTS, ELSEWHERE, Reason.NOT_THIS_ORGANIZATION),
        (BOSS, LEA, worlds.RESULTS, worlds.STATE, Reason.NOT_THIS_ORGANIZATION),
        (SPLIT, LEA, worlds.VIEW, SCHOOL, Reason.GRANTED),
        (SPLIT, LEA, worlds.VIEW, LEA, Reason.NOT_THIS_ORGANIZATION),
        (SPLIT, LEA, worlds.RESULTS, SCHOOL, Reason.NO_ROSTER),
    ],
)  # fmt: skip
def test_reach_decides(
    role: str, held_at: Organization, permission: Permission, asked_at: Organization, reason: Reason
) -> None:
    assert ask(person(role, held_at), permission, asked_at).reason is reason


def test_a_question_for_all_kinds_is_not_answered_by_a_grant_for_one() -> None:
    reader = person(READER, LEA)
    assert ask(reader, worlds.RESULTS, SCHOOL, assessment="interim").allowed
    assert ask(reader, worlds.RESULTS, SCHOOL, assessment="summative").reason is Reason.NO_ASSIGNMENT
    whole = ask(reader, worlds.RESULTS, SCHOOL)
    assert not whole.allowed
    assert "interim only" in whole.explanation


def test_a_report_that_is_not_named_is_not_given_by_a_grant_for_named_reports() -> None:
    assert ask(teacher(), worlds.REPORTS, SCHOOL, report="settings").allowed
    assert not ask(teacher(), worlds.REPORTS, SCHOOL, report="other").allowed
    assert not ask(teacher(), worlds.REPORTS, SCHOOL).allowed


@pytest.mark.parametrize(
    ("who", "missing"),
    [
        (teacher(forms=UNSIGNED), (MissingStep(StepKind.FORM, "affidavit"),)),
        (teacher(credentials=()), (MissingStep(StepKind.CREDENTIAL),)),
        (teacher(credentials=(Credential(LEA.id, date(2026, 11, 1)),)), (MissingStep(StepKind.CREDENTIAL),)),
        (teacher(credentials=(Credential(OTHER_LEA.id, TODAY),)), (MissingStep(StepKind.CREDENTIAL),)),
        (
            teacher(forms=frozenset({SignedForm(RED, "affidavit", worlds.LAST)}), credentials=()),
            (MissingStep(StepKind.FORM, "affidavit"), MissingStep(StepKind.CREDENTIAL)),
        ),
    ],
)
def test_s0_14_s0_18_s1_19_missing_steps_hold_back(who: Person, missing: tuple[MissingStep, ...]) -> None:
    answer = ask(who, worlds.REPORTS, SCHOOL, report="settings")
    assert (answer.reason, answer.missing) == (Reason.STEPS_MISSING, missing)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (UserStatus.SUSPENDED, Reason.SUSPENDED),
        (UserStatus.INACTIVE, Reason.INACTIVE),
        (UserStatus.INVITED, Reason.INACTIVE),
        (UserStatus.DELETED, Reason.INACTIVE),
    ],
)
def test_only_an_active_account_has_access(status: UserStatus, reason: Reason) -> None:
    assert ask(replace(person(SITE, SCHOOL), status=status), worlds.RESULTS, SCHOOL).reason is reason


def test_a_suspended_assignment_a_closed_school_and_a_past_last_day_give_nothing() -> None:
    held = person(SITE, SCHOOL).assignments[0]
    for changed, reason in (
        (replace(held, status=AssignmentStatus.SUSPENDED), Reason.SUSPENDED),
        (replace(held, status=AssignmentStatus.EXPIRED), Reason.NO_ASSIGNMENT),
        (replace(held, organization=replace(SCHOOL, active=False)), Reason.SUSPENDED),
        (replace(held, last_day=date(2026, 11, 1)), Reason.NO_ASSIGNMENT),
        (replace(held, last_day=TODAY), Reason.GRANTED),
    ):
        assert ask(Person(ANN, UserStatus.ACTIVE, (changed,)), worlds.RESULTS, SCHOOL).reason is reason


def test_a_role_at_an_organization_of_another_level_gives_nothing() -> None:
    assert ask(person(SITE, LEA), worlds.RESULTS, LEA).reason is Reason.NO_ASSIGNMENT


def test_an_upcoming_assignment_administers_that_year_and_nothing_else() -> None:
    held = worlds.assignment(worlds.Holding(BOSS, LEA), year=NEXT)
    who = Person(ANN, UserStatus.ACTIVE, (held,))
    assert ask(who, worlds.MANAGE, LEA, school_year=NEXT).allowed
    assert not ask(who, worlds.MANAGE, LEA).allowed
    assert not ask(who, worlds.MANAGE, LEA, school_year=NOW).allowed
    assert not ask(who, worlds.RESULTS, LEA, school_year=NEXT).allowed


def test_s1_12_a_current_role_may_reach_into_the_upcoming_year_where_its_cell_says_so() -> None:
    about = UserTarget(ANN, (worlds.place_of(SCHOOL, RED, NEXT, BOSS),))
    access = access_of(person(HEAD, LEA), PACKS, YEARS, TODAY)
    assert decide(access, Question(worlds.VIEW, about, school_year=NEXT)).allowed
    teachers = UserTarget(ANN, (worlds.place_of(SCHOOL, RED, NEXT, TEACHER),))
    assert not decide(access, Question(worlds.VIEW, teachers, school_year=NEXT)).allowed


def test_earlier_results_are_covered_and_earlier_people_are_not() -> None:
    assert ask(person(SITE, SCHOOL), worlds.RESULTS, SCHOOL, school_year=worlds.LAST).allowed
    assert not ask(person(SITE, SCHOOL), worlds.VIEW, SCHOOL, school_year=worlds.LAST).allowed


def test_s0_33_where_the_gateway_keeps_groups_none_assigned_means_deny() -> None:
    bare = decide(
        access_of(teacher(), PACKS, YEARS, TODAY), Question(worlds.GROUPS, GroupTarget(GROUP, worlds.place_of(SCHOOL)))
    )
    assert bare.reason is Reason.NO_ROSTER
    with_group = teacher(rosters=(RosterPlace(GROUP, SCHOOL.id, LEA.id, NOW),))
    access = access_of(with_group, PACKS, YEARS, TODAY)
    assert decide(access, Question(worlds.GROUPS, GroupTarget(GROUP, worlds.place_of(SCHOOL)))).allowed
    assert decide(access, Question(worlds.GROUPS, StudentTarget(None, frozenset({GROUP})))).allowed
    assert not decide(access, Question(worlds.GROUPS, OrganizationTarget(worlds.place_of(SCHOOL)))).allowed


def test_a_group_of_another_school_or_year_is_not_on_the_roster() -> None:
    for place in (RosterPlace(GROUP, SIBLING.id, LEA.id, NOW), RosterPlace(GROUP, SCHOOL.id, LEA.id, worlds.LAST)):
        access = access_of(teacher(rosters=(place,)), PACKS, YEARS, TODAY)
        assert not decide(access, Question(worlds.GROUPS, GroupTarget(GROUP, worlds.place_of(SCHOOL)))).allowed


def test_where_the_system_keeps_groups_it_must_vouch_for_them_and_the_school_must_fit() -> None:
    access = access_of(teacher(), PACKS, YEARS, TODAY)
    for place, asserted, allowed in ((SCHOOL, True, True), (SCHOOL, False, False), (SIBLING, True, False)):
        target = GroupTarget(None, worlds.place_of(place), asserted)
        assert decide(access, Question(worlds.RESULTS, target, assessment="interim")).allowed is allowed


def test_s1_32_scoring_needs_the_item_to_be_assigned() -> None:
    access = access_of(teacher(), PACKS, YEARS, TODAY)
    for to, where, allowed in ((ANN, SCHOOL, True), (None, SCHOOL, False), (ANN, SIBLING, False)):
        assert decide(access, Question(worlds.SCORE, ItemTarget(worlds.place_of(where), to))).allowed is allowed


def test_every_place_of_a_shared_person_must_be_reached_where_the_rule_says_all() -> None:
    access = access_of(person(BOSS, LEA), PACKS, YEARS, TODAY)
    here, there = worlds.place_of(SCHOOL, RED, NOW, SITE), worlds.place_of(ELSEWHERE, RED, NOW, SITE)
    assert decide(access, Question(worlds.MANAGE, UserTarget(ANN, (here,), every=True))).allowed
    assert decide(access, Question(worlds.MANAGE, UserTarget(ANN, (here, there)))).allowed
    assert not decide(access, Question(worlds.MANAGE, UserTarget(ANN, (here, there), every=True))).allowed
    assert not decide(access, Question(worlds.MANAGE, UserTarget(ANN, (), every=True))).allowed


def test_entering_a_system_needs_one_active_grant_there() -> None:
    enter = Question(None, SystemTarget(System("cers")))
    assert decide(access_of(teacher(), PACKS, YEARS, TODAY), enter).allowed
    held_back = decide(access_of(teacher(forms=UNSIGNED), PACKS, YEARS, TODAY), enter)
    assert (held_back.reason, held_back.missing) == (Reason.STEPS_MISSING, (MissingStep(StepKind.FORM, "affidavit"),))
    reader = access_of(person(READER, LEA), PACKS, YEARS, TODAY)
    assert decide(reader, Question(None, SystemTarget(System("tds")))).reason is Reason.NO_ASSIGNMENT


def test_the_states_own_role_reaches_every_program_and_year() -> None:
    desk = Person(ANN, UserStatus.ACTIVE, (worlds.assignment(worlds.Holding(worlds.HELP, worlds.STATE), worlds.STATE_PROGRAM, worlds.SchoolYear("")),))  # fmt: skip  # noqa: E501
    access = access_of(desk, PACKS, YEARS, TODAY)
    for place in (worlds.place_of(SCHOOL, RED, NOW, SITE), worlds.place_of(LEA, worlds.BLUE, worlds.LAST, BOSS)):
        assert decide(access, Question(worlds.VIEW, UserTarget(ANN, (place,)))).allowed
