"""Questions about test sessions: S1-20 (several schools) and S1-21 (one student)."""

from dataclasses import replace
from uuid import UUID

import pytest

from policy.decide import Decision, Question, SessionTarget, decide
from policy.facts import Assignment, Level, Organization
from policy.grant import Access
from policy.grants import access_of
from policy.ids import AssignmentId, Permission, ProgramCode, RoleSlug, SchoolYear
from policy.pack import OneStudentSessions
from policy.packs import Packs
from policy.reach import Place
from policy.reasons import Reason
from store.shipped_packs import PROGRAMS, pack_file, vocabulary
from tests.programs.places import OTHER_SCHOOL, SCHOOL, SIBLING, TODAY, World

ADMINISTER = Permission("tds:summative:administer")
PACK = pack_file((PROGRAMS / "elpac.toml").read_text("utf-8"), "elpac.toml").pack
PACKS = Packs(vocabulary(), [PACK])
YEAR = SchoolYear("2025-26")
WORLD = World(PACK, YEAR)


def held(role: str, level: Level) -> Access:
    return access_of(WORLD.person(PACK.roles[RoleSlug(role)], level), PACKS, WORLD.years, TODAY)


def place(where: Organization) -> Place:
    return Place(where.id, where.level, where.lea)


def session(*where: Organization, students: int = 1, one_on_one: bool | None = False) -> Question:
    target = SessionTarget(tuple(place(one) for one in where), students, one_on_one)
    return Question(ADMINISTER, target, ProgramCode("elpac"), YEAR)


@pytest.mark.rule("S1-20")
def test_s1_20_a_session_may_span_schools_only_if_each_is_allowed() -> None:
    examiner, coordinator = held("test-examiner", Level.SCHOOL), held("lea-coordinator", Level.LEA)
    assert decide(examiner, session(SCHOOL, students=20)).allowed
    assert not decide(examiner, session(SCHOOL, SIBLING, students=20)).allowed
    assert decide(coordinator, session(SCHOOL, SIBLING, students=20)).allowed
    assert decide(coordinator, session(SCHOOL, OTHER_SCHOOL, students=20)).reason is Reason.NOT_THIS_ORGANIZATION
    assert not decide(coordinator, session()).allowed


@pytest.mark.parametrize(
    ("students", "one_on_one", "allowed"),
    [(1, True, True), (2, True, False), (2, False, True), (2, None, False), (1, None, True), (0, True, False)],
)
@pytest.mark.rule("S1-21")
def test_s1_21_one_on_one_sessions_have_exactly_one_student(
    students: int, one_on_one: bool | None, allowed: bool
) -> None:
    found = decide(held("lea-coordinator", Level.LEA), session(SCHOOL, students=students, one_on_one=one_on_one))
    assert found.allowed is allowed
    assert allowed or found.reason is Reason.AGAINST_A_RULE


@pytest.mark.parametrize(
    ("permission", "assessment", "grade_band", "domain", "expected"),
    [
        ("tds:summative:administer", "alternate", None, None, True),
        ("tds:summative:administer", "summative", "K–2", "listening", True),
        ("tds:summative:administer", "summative", "k-2", None, True),
        ("tds:summative:administer", "summative", "3-5", "Speaking", True),
        ("tds:summative:administer", "summative", "3-5", "writing", False),
        ("tds:summative:administer", "summative", "3-5", None, None),
        ("tds:summative:administer", None, "3-5", "writing", None),
        ("tds:alternate:administer", "summative", "3-5", "writing", True),
    ],
)
def test_s1_21_which_sessions_are_one_on_one(
    permission: str, assessment: str | None, grade_band: str | None, domain: str | None, expected: bool | None
) -> None:
    asked = Permission(permission)
    assert PACK.one_student_sessions.is_one(asked, assessment, grade_band, domain) is expected


def test_a_program_that_states_nothing_has_no_one_on_one_sessions() -> None:
    assert OneStudentSessions().is_one(ADMINISTER, None, None, None) is False


@pytest.mark.rule("S1-20")
def test_s1_20_one_role_reaches_every_site_and_roles_do_not_add_up() -> None:
    examiner, coordinator = RoleSlug("test-examiner"), RoleSlug("site-coordinator")
    here, there = WORLD.person(PACK.roles[examiner], Level.SCHOOL), WORLD.person(PACK.roles[coordinator], Level.SCHOOL)
    moved = replace(there.assignments[0], id=AssignmentId(UUID(int=99)), organization=SIBLING)

    def may(*assignments: Assignment) -> Decision:
        person = replace(here, assignments=assignments, forms=here.forms | there.forms)
        return decide(access_of(person, PACKS, WORLD.years, TODAY), session(SCHOOL, SIBLING, students=20))

    both = may(here.assignments[0], moved)
    assert (both.allowed, both.reason) == (False, Reason.AGAINST_A_RULE)
    assert may(here.assignments[0], replace(moved, role=examiner)).allowed
