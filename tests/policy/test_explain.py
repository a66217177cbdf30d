"""Explanations: they agree with `decide`, name every assignment, and every gate says why it is shut."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.decide import (
    GroupTarget,
    OrganizationTarget,
    Question,
    SessionTarget,
    StudentTarget,
    SystemTarget,
    Target,
    UserTarget,
    decide,
)
from policy.explain import Explanation, Judged, explain
from policy.facts import Assignment, AssignmentStatus, Credential, Person, RosterPlace, SignedForm, UserStatus
from policy.gates import COUNTING, GRANT_GATES, OBSTACLES, SPEC_GATES, Gate
from policy.grant import Access, ActiveRole, in_programs, under
from policy.grants import access_of
from policy.ids import AssignmentId, GroupId, Permission, ProgramCode, SchoolYear, System, UserId
from policy.pack import Reach
from policy.question_gates import NARROWING, REACHING
from policy.reach import Place
from policy.reasons import Reason, StepKind
from policy.ways import Wanted, ways
from tests.policy import worlds
from tests.policy.worlds import (
    BLUE,
    BOSS,
    HEAD,
    HELP,
    LAST,
    NEXT,
    NOW,
    PACKS,
    READER,
    RED,
    SITE,
    SPLIT,
    STATE,
    STATE_PROGRAM,
    TEACHER,
    TODAY,
    VOCABULARY,
    YEARS,
    Holding,
)

LEA, OTHER_LEA = worlds.LEAS[:2]
SCHOOL, SIBLING, ELSEWHERE = worlds.SCHOOLS[:3]
ANN = UserId(worlds.ident("person0"))
GROUP = worlds.GROUP_IDS[0]
AFFIDAVIT = frozenset({SignedForm(RED, "affidavit", NOW)})
permissions = st.sampled_from(sorted(VOCABULARY))


def judged(person: Person, acting: ActiveRole | None = None, access: Access | None = None) -> Judged:
    whole = access or access_of(person, PACKS, YEARS, TODAY)
    return Judged(person, under(whole, acting), (acting,) if acting else (), TODAY)


def explained(person: Person, question: Question, acting: ActiveRole | None = None) -> Explanation:
    return explain(judged(person, acting), question, PACKS, YEARS)


def target_of(place: Place, kind: str) -> Target:
    return {
        "organization": OrganizationTarget(place),
        "group": GroupTarget(GROUP, place),
        "student": StudentTarget(place, frozenset({GROUP})),
        "user": UserTarget(ANN, (place,)),
        "every": UserTarget(ANN, (place, worlds.place_of(LEA, RED, NOW)), every=True),
        "session": SessionTarget((place,), 2, one_on_one=True),
        "system": SystemTarget(System("cers")),
    }[kind]


questions = st.builds(
    Question,
    permissions,
    st.builds(
        target_of,
        worlds.places,
        st.sampled_from(("organization", "group", "student", "user", "every", "session", "system")),
    ),
    worlds.programs,
    worlds.years,
    worlds.kinds,
    st.sampled_from((None, "settings")),
)
acting = st.sampled_from(
    (None, None, ActiveRole(RED, SITE, NOW), ActiveRole(RED, BOSS, NOW), ActiveRole(STATE_PROGRAM, HELP, None))
)


@given(worlds.people, questions, acting)
def test_an_explanation_s_decision_is_decide_s(person: Person, question: Question, role: ActiveRole | None) -> None:
    found = explained(person, question, role)
    assert found.decision == decide(under(access_of(person, PACKS, YEARS, TODAY), role), question)
    if found.decision.allowed:
        first = found.considered[0]
        assert (first.grant, first.outcome, first.stops) == (found.decision.grant, Reason.GRANTED, ())
    else:
        assert all(one.stops for one in found.considered)
        assert found.considered or found.passed_over or found.givers


@given(worlds.people, questions, acting)
def test_every_assignment_is_considered_or_passed_over_for_a_reason(
    person: Person, question: Question, role: ActiveRole | None
) -> None:
    found = explained(person, question, role)
    considered = {one.grant.assignment for one in found.considered}
    passed = {one.assignment.id for one in found.passed_over}
    assert considered | passed == {one.id for one in person.assignments}
    assert not considered & passed
    stops = [stop for one in (*found.considered, *found.passed_over) for stop in one.stops]
    assert all(stop.why and stop.remedy for stop in stops)
    assert all(one.stops for one in found.passed_over)


@given(worlds.people, questions)
def test_a_grant_without_a_stop_decides_alone_and_one_with_a_stop_doesn_t(person: Person, question: Question) -> None:
    access = access_of(person, PACKS, YEARS, TODAY)
    every = isinstance(question.target, UserTarget) and question.target.every
    for one in explained(person, question).considered:
        active = one.grant in access.of(one.grant.permission)
        held = tuple(held for held in person.assignments if held.id == one.grant.assignment)
        alone = decide(replace(access, grants=(one.grant,), withheld=(), effective=held), question)
        if not every:
            assert (active and alone.allowed) == (not one.stops)
        if not active:
            assert any(stop.gate in OF_ASSIGNMENTS for stop in one.stops)


@given(worlds.people, permissions, worlds.places)
def test_what_is_withheld_is_explained_with_the_reason_and_steps_of_access(
    person: Person, permission: Permission, place: Place
) -> None:
    access = access_of(person, PACKS, YEARS, TODAY)
    found = explained(person, Question(permission, OrganizationTarget(place)))
    for withheld in access.withheld:
        for grant in withheld.grants:
            if grant.permission == permission:
                one = next(one for one in found.considered if one.grant == grant)
                assert (one.outcome, one.missing) == (withheld.reason, withheld.missing)


@given(worlds.people, worlds.places, permissions)
def test_what_the_state_s_roles_give_through_a_union_is_said_to_be_left_out(
    person: Person, place: Place, permission: Permission
) -> None:
    whole = access_of(person, PACKS, YEARS, TODAY)
    question = Question(permission, OrganizationTarget(place))
    found = explain(Judged(person, in_programs(whole), (), TODAY), question, PACKS, YEARS)
    for one in found.considered:
        if one.grant in whole.grants:
            assert one.grant.every_program == (Gate.RELYING_PARTY in {stop.gate for stop in one.stops})


OF_ASSIGNMENTS = {gate.gate for gate in (*COUNTING, *OBSTACLES, *SPEC_GATES, *GRANT_GATES)} | {Gate.ROLE_UNKNOWN}
IN_TABLES = OF_ASSIGNMENTS | {gate.gate for gate in (*NARROWING, *REACHING)}
SAID_BY_EXPLAIN = {Gate.ACTIVE_ROLE, Gate.ACTIVE_PLACE, Gate.RELYING_PARTY, Gate.NOT_GIVEN, Gate.RULE}


def test_every_gate_stands_in_one_place_once() -> None:
    tables = [
        gate.gate for table in (COUNTING, OBSTACLES, SPEC_GATES, GRANT_GATES, NARROWING, REACHING) for gate in table
    ]
    assert len(tables) == len(set(tables))
    assert set(Gate) == IN_TABLES | SAID_BY_EXPLAIN


def held(
    role: str, where: object = SCHOOL, program: ProgramCode = RED, year: SchoolYear = NOW, **more: object
) -> Assignment:
    return worlds.assignment(Holding(role, where), program, year, **more)  # type: ignore[arg-type]


def ann(*assignments: Assignment, **more: object) -> Person:
    status = more.pop("status", UserStatus.ACTIVE)
    return Person(ANN, status, assignments, **more)  # type: ignore[arg-type]


def at(where: object, permission: Permission = worlds.RESULTS, **more: object) -> Question:
    return Question(permission, OrganizationTarget(worlds.place_of(where)), **more)  # type: ignore[arg-type]


UNKNOWN = replace(held(SITE), id=AssignmentId(worlds.ident("unknown")), role=worlds.RoleSlug("unheard-of"))
CLOSED = replace(SCHOOL, active=False)
DONE: dict[str, object] = {"forms": AFFIDAVIT, "credentials": (Credential(LEA.id, TODAY),)}
SESSION = SessionTarget((worlds.place_of(SCHOOL),), 2, one_on_one=True)
CASES: tuple[tuple[Gate, Person, Question], ...] = (
    (Gate.ROLE_UNKNOWN, ann(UNKNOWN), at(SCHOOL)),
    (Gate.EXPIRED, ann(held(SITE, status=AssignmentStatus.EXPIRED)), at(SCHOOL)),
    (Gate.LAST_DAY, ann(held(SITE, last_day=date(2026, 11, 1))), at(SCHOOL)),
    (Gate.LEVEL, ann(held(SITE, LEA)), at(LEA)),
    (Gate.SCHOOL_YEAR, ann(held(SITE, year=LAST)), at(SCHOOL)),
    (Gate.ACCOUNT_SUSPENDED, ann(held(SITE), status=UserStatus.SUSPENDED), at(SCHOOL)),
    (Gate.ASSIGNMENT_SUSPENDED, ann(held(SITE, status=AssignmentStatus.SUSPENDED)), at(SCHOOL)),
    (Gate.ORGANIZATION_CLOSED, ann(held(SITE, CLOSED)), at(SCHOOL)),
    (Gate.INVITED, ann(held(SITE), status=UserStatus.INVITED), at(SCHOOL)),
    (Gate.ACCOUNT_INACTIVE, ann(held(SITE), status=UserStatus.INACTIVE), at(SCHOOL)),
    (Gate.FORMS, ann(held(TEACHER), credentials=DONE["credentials"]), at(SCHOOL, worlds.REPORTS, report="settings")),
    (Gate.CREDENTIAL, ann(held(TEACHER), forms=AFFIDAVIT), at(SCHOOL, worlds.REPORTS, report="settings")),
    (Gate.SECOND_STEP, ann(held(BOSS, LEA), second_step_missing=True), at(LEA)),
    (Gate.NOT_YET, ann(held(BOSS, LEA, year=NEXT)), at(LEA)),
    (Gate.ROSTER, ann(held(TEACHER), **DONE), at(SCHOOL, worlds.GROUPS)),
    (Gate.NOT_GIVEN, ann(held(SITE)), at(SCHOOL, worlds.GROUPS)),
    (Gate.OTHER_PROGRAM, ann(held(SITE)), at(SCHOOL, program=BLUE)),
    (Gate.OTHER_YEAR, ann(held(SITE)), at(SCHOOL, worlds.VIEW, school_year=NEXT)),
    (Gate.OTHER_KIND, ann(held(READER, LEA)), at(LEA, assessment="summative")),
    (Gate.OTHER_REPORT, ann(held(TEACHER), **DONE), at(SCHOOL, worlds.REPORTS)),
    (Gate.NOT_HERE, ann(held(SITE)), at(SIBLING)),
    (Gate.NOT_THIS_PERSON, ann(held(SITE)), Question(worlds.VIEW, UserTarget(GROUP, (worlds.place_of(SIBLING),)))),  # type: ignore[arg-type]
    (Gate.NOT_ASSIGNED, ann(held(SPLIT, LEA)), at(SCHOOL)),
    (Gate.RULE, ann(held(SITE)), Question(worlds.REPORTS, SESSION)),
)  # fmt: skip


@pytest.mark.parametrize(("gate", "person", "question"), CASES, ids=[case[0] for case in CASES])
def test_each_gate_alone_explains_itself(gate: Gate, person: Person, question: Question) -> None:
    found = explained(person, question)
    (only,) = {one.stops for one in (*found.considered, *found.passed_over)}
    assert gate in [stop.gate for stop in only]
    if gate is not Gate.ROLE_UNKNOWN and gate in OF_ASSIGNMENTS and gate not in {one.gate for one in COUNTING}:
        assert [stop.gate for stop in only] == [gate]
        assert found.considered
    assert not found.decision.allowed
    if gate in {Gate.FORMS, Gate.CREDENTIAL, Gate.SECOND_STEP, Gate.INVITED, Gate.ROSTER}:
        assert found.considered[0].missing == found.decision.missing != ()


def test_every_gate_has_a_case_of_its_own() -> None:
    elsewhere = {Gate.ACTIVE_ROLE, Gate.ACTIVE_PLACE, Gate.RELYING_PARTY, Gate.ONLY_HERSELF}
    assert {case[0] for case in CASES} | elsewhere == set(Gate)


def test_a_role_beside_the_active_one_says_so() -> None:
    both = ann(held(SITE), held(BOSS, LEA))
    found = explained(both, at(SIBLING), ActiveRole(RED, SITE, NOW))
    boss = next(one for one in found.considered if one.grant.role == BOSS)
    assert [stop.gate for stop in boss.stops] == [Gate.ACTIVE_ROLE]
    assert "red/site" in boss.stops[0].why


def test_a_role_outside_the_chosen_organizations_says_so() -> None:
    person = ann(held(SITE), held(SITE, SIBLING))
    whole = access_of(person, PACKS, YEARS, TODAY)
    chosen = replace(whole, grants=tuple(one for one in whole.grants if one.organization is SIBLING))
    narrowed = Judged(person, chosen, (ActiveRole(RED, SITE, NOW),), TODAY, frozenset({f"school:{SIBLING.code}"}))
    found = explain(narrowed, at(SCHOOL), PACKS, YEARS)
    here = next(one for one in found.considered if one.grant.organization == SCHOOL)
    assert [stop.gate for stop in here.stops] == [Gate.ACTIVE_PLACE]
    assert not found.decision.allowed


def test_all_that_is_in_the_way_is_named_and_the_first_gives_the_reason() -> None:
    stuck = ann(held(TEACHER, status=AssignmentStatus.SUSPENDED), status=UserStatus.INVITED)
    found = explained(stuck, at(SCHOOL, worlds.REPORTS, report="settings"))
    (one,) = found.considered
    gates = [Gate.ASSIGNMENT_SUSPENDED, Gate.INVITED, Gate.FORMS, Gate.CREDENTIAL]
    assert ([stop.gate for stop in one.stops], one.outcome, one.missing) == (gates, Reason.SUSPENDED, ())


def test_the_cell_behind_a_grant_and_the_cell_that_denies() -> None:
    found = explained(ann(held(SITE), held(HEAD, LEA)), at(SCHOOL, worlds.REPORTS))
    assert [(one.cell.role, one.cell.basis) for one in found.considered] == [(SITE, "T, Table 1")]
    (passed,) = found.passed_over
    assert [stop.gate for stop in passed.stops] == [Gate.NOT_GIVEN]
    assert passed.cells == ()  # the made-up pack writes no cell that gives nothing


def roles_of(question: Question, *places: object, by_group: bool = False) -> list[tuple[str, str, str]]:
    wanted = Wanted(question, places, by_group)  # type: ignore[arg-type]
    found = ways(wanted, PACKS, YEARS, TODAY)
    return [(way.program, way.role.slug, way.organization.code if way.organization else "") for way in found]


def test_ways_are_the_roles_that_would_answer_narrowest_first() -> None:
    assert roles_of(at(SCHOOL, program=RED, assessment="summative"), SCHOOL, LEA) == [
        ("red", SITE, "school00"), ("red", BOSS, "lea0"), ("red", HEAD, "lea0"),
    ]  # fmt: skip
    assert roles_of(at(SCHOOL, program=RED, assessment="interim"), SCHOOL, LEA)[0] == ("red", READER, "lea0")
    assert roles_of(at(LEA, program=BLUE, assessment="summative"), LEA) == [
        ("blue", BOSS, "lea0"),
        ("blue", HEAD, "lea0"),
    ]
    assert (STATE_PROGRAM, HELP, "") in roles_of(at(SCHOOL, worlds.VIEW), SCHOOL, LEA)


def test_a_way_by_student_groups_needs_one() -> None:
    question = Question(worlds.GROUPS, GroupTarget(GROUP, worlds.place_of(SCHOOL)), RED)
    (way,) = ways(Wanted(question, (SCHOOL, LEA), by_group=True), PACKS, YEARS, TODAY)
    assert [step.kind for step in way.steps] == [StepKind.FORM, StepKind.CREDENTIAL, StepKind.ROSTER]


@given(questions, worlds.places, st.booleans())
def test_without_places_the_ways_don_t_depend_on_the_target(question: Question, place: Place, by_group: bool) -> None:
    if isinstance(question.target, SystemTarget):
        return
    other = replace(question, target=OrganizationTarget(place))
    assert ways(Wanted(question, (), by_group), PACKS, YEARS, TODAY) == ways(
        Wanted(other, (), by_group), PACKS, YEARS, TODAY
    )


@given(questions, st.sampled_from((SCHOOL, LEA, ELSEWHERE)))
def test_a_way_s_holder_is_allowed(question: Question, where: object) -> None:
    asked = replace(question, target=OrganizationTarget(worlds.place_of(where)))  # type: ignore[arg-type]
    for way in ways(Wanted(asked, (where,)), PACKS, YEARS, TODAY):  # type: ignore[arg-type]
        here = way.organization or STATE
        holding = worlds.assignment(Holding(way.role.slug, here), way.program, way.school_year or SchoolYear(""))
        forms = frozenset(SignedForm(way.program, slug, holding.school_year) for slug in way.role.forms)
        person = ann(holding, forms=forms, credentials=(Credential(here.lea, TODAY),) if here.lea else ())
        assert decide(access_of(person, PACKS, YEARS, TODAY), asked).allowed


@given(worlds.people, worlds.places)
def test_words_tell_nothing_of_the_target(person: Person, place: Place) -> None:
    """What isn't reached is explained as what isn't there: by the same words."""
    lost = Place(
        worlds.OrganizationId(worlds.ident("nowhere")),
        worlds.Level.SCHOOL,
        worlds.OrganizationId(worlds.ident("no lea")),
    )
    access = access_of(person, PACKS, YEARS, TODAY)
    asked, gone = at(SCHOOL), replace(at(SCHOOL), target=OrganizationTarget(lost))
    asked = replace(asked, target=OrganizationTarget(place))
    if decide(access, asked).allowed or decide(access, gone).allowed:
        return
    every = (*access.grants, *(grant for one in access.withheld for grant in one.grants))
    near = [grant for grant in every if grant.organization.id in (place.organization, place.lea)]
    if near or place.program or place.school_year:
        return
    assert explained(person, asked).considered == explained(person, gone).considered
    assert explained(person, asked).decision == explained(person, gone).decision


def test_the_roster_of_another_place_opens_nothing_here() -> None:
    elsewhere = (RosterPlace(GroupId(GROUP), SIBLING.id, LEA.id, NOW),)
    found = explained(ann(held(TEACHER), rosters=elsewhere, **DONE), at(SCHOOL, worlds.GROUPS))
    assert found.considered[0].grant.reach is Reach.ROSTER
    assert [stop.gate for stop in found.considered[0].stops] == [Gate.ROSTER]
