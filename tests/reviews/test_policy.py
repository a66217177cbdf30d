"""Who starts, answers and lifts, as pure rules; and the same as data for a filter (S1-27)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from policy.delegation import Suspension, may_lift, may_remove
from policy.facts import Assignment, AssignmentStatus, Person
from policy.ids import Permission
from policy.reach import Place
from policy.reviews import ReviewAnswer, answerable, answerers, may_answer, may_answer_with, may_start
from tests.delegation.scene import ACCOUNTS, CAASPP, ELPAC, NOW, PACKS, PLACES, ROLES, actor, person, recipient
from tests.delegation.test_table import PEOPLE

ANSWERING = (*ROLES, Permission("hallpass:state:years"))
EVERYBODY = [name for name in PEOPLE if name not in ("deleted", "new")]
pytestmark = pytest.mark.rule("S1-27", "delegation-1")


def held() -> Iterator[tuple[str, Person, Assignment]]:
    for name in EVERYBODY:
        facts = PEOPLE[name]
        for one in facts.assignments:
            if one.program in (CAASPP, ELPAC) and one.school_year == NOW and one.status is not AssignmentStatus.EXPIRED:
                yield name, facts, one


def may(name: str, whom: str, *, somebody_else: bool = True) -> str | None:
    """The code of the refusal about the first role of `whom`."""
    facts = PEOPLE[whom]
    verdict = may_answer(
        actor(PEOPLE[name], ANSWERING), recipient(facts), facts.assignments[0], PACKS, somebody_else=somebody_else
    )
    return verdict.refusal.code if verdict.refusal else None


@pytest.mark.parametrize("name", EVERYBODY)
def test_whoever_may_remove_may_answer_and_nobody_else_but_the_state(name: str) -> None:
    me = actor(PEOPLE[name], ANSWERING)
    for whom, facts, one in held():
        active = replace(one, status=AssignmentStatus.ACTIVE)
        for somebody_else in (True, False):
            found = may_answer(me, recipient(facts), one, PACKS, somebody_else=somebody_else).allowed
            if name != "state-admin":
                assert found == may_remove(me, recipient(facts), active, PACKS).allowed
            elif whom != name:
                derived = PACKS.role(one.program, one.role, one.school_year)
                assert found == (not somebody_else and derived is not None and not derived.derived)


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_filter_gives_the_same_answer_for_every_item(name: str) -> None:
    me = actor(PEOPLE[name], ANSWERING)
    for whom, facts, one in held():
        reached = answerable(me, one.program, NOW, PACKS)
        where = one.organization
        place = Place(where.id, where.level, where.lea, one.program, NOW, one.role)
        ranges = reached.primary if one.primary else reached.others
        by_data = whom != name and any(each.contains(place) for each in ranges)
        by_rule = may_answer(me, recipient(facts), one, PACKS, somebody_else=True).allowed
        assert by_data == by_rule, (name, whom, one.role)
        assert reached.state == (name == "state-admin")


@pytest.mark.parametrize(("program", "year"), [(CAASPP, NOW), (ELPAC, NOW)])
def test_whoever_answers_by_a_role_is_among_the_answerers(program: str, year: str) -> None:
    pack = PACKS.at(program, year)  # pyright: ignore[reportArgumentType]
    assert pack is not None
    known = {
        (one.role, one.primary, one.holder, one.holder_primary) for one in answerers(pack, PACKS, frozenset(ROLES))
    }
    for name, facts, held_ in held():
        if held_.program != program:
            continue
        for mine in PEOPLE:
            found = may_answer(
                actor(PEOPLE[mine], ROLES), recipient(facts), held_, PACKS, somebody_else=True
            )  # fmt: skip
            if found.under is not None and mine != name:
                by = (held_.role, held_.primary, found.under.role, found.under.primary)
                assert by in known


def test_nobody_answers_for_herself_a_peer_or_a_superior() -> None:
    assert may("primary", "primary") == "OWN_ASSIGNMENT"
    assert may("additional", "peer-lead") == "NOT_ASSIGNABLE"
    assert may("additional", "primary") == "NOT_ASSIGNABLE"
    assert may("primary", "additional") is None
    assert may("superintendent", "primary") is None
    assert may("site", "peer-site") == "NOT_ASSIGNABLE"
    assert may("far-lead", "teacher") == "NOT_ASSIGNABLE"
    assert may("elpac-primary", "teacher") == "NOT_ASSIGNABLE"
    assert may("state-admin", "primary") == "ANSWERED_THERE"
    assert may("state-admin", "primary", somebody_else=False) is None
    assert may("help-desk", "primary", somebody_else=False) == "NOT_ASSIGNABLE"


def test_a_suspended_role_is_kept_but_not_removed() -> None:
    me, facts = actor(PEOPLE["site"], ANSWERING), PEOPLE["suspended-role"]
    for answer, expected in ((ReviewAnswer.KEEP, None), (ReviewAnswer.REMOVE, "SUSPENDED")):
        found = may_answer_with(answer, me, recipient(facts), facts.assignments[0], PACKS, somebody_else=True)
        assert (found.refusal.code if found.refusal else None) == expected


def test_a_review_is_started_by_whoever_manages_all_of_the_place() -> None:
    managers = {
        "valley": {"primary", "additional", "peer-lead", "both-lead", "stand-in", "coordinating-head", "state-admin"},
        "park": {
            "primary", "additional", "peer-lead", "both-lead", "stand-in", "coordinating-head", "site", "peer-site",
            "both-site", "state-admin",
        },
        "state": {"state-admin"},
    }  # fmt: skip
    starting = (Permission("hallpass:users:manage"), Permission("hallpass:state:years"))
    for where, expected in managers.items():
        found = {
            name
            for name in EVERYBODY
            if may_start(actor(PEOPLE[name], starting), PLACES[where], CAASPP, NOW).allowed
        }  # fmt: skip
        assert found == expected, where


@pytest.mark.rule("accounts-5")
def test_what_a_review_suspended_is_lifted_by_whoever_could_have_answered() -> None:
    facts = PEOPLE["suspended-role"]
    one = facts.assignments[0]
    by_review = Suspension(None, whole=False, assignments=frozenset({one.id}), by_review=True)
    by_rule = replace(by_review, by_review=False)
    lifting = {
        name
        for name in EVERYBODY
        if may_lift(actor(PEOPLE[name], (*ROLES, *ACCOUNTS)), recipient(facts), by_review, PACKS).allowed
    }
    answering = {
        name
        for name in EVERYBODY
        if may_answer(actor(PEOPLE[name], ROLES), recipient(facts), one, PACKS, somebody_else=True).allowed
    }
    state = {"help-desk", "helper-teacher"}
    assert lifting == answering | state
    assert "site" in lifting
    assert "hill-site" not in lifting
    for name in answering:
        assert not may_lift(actor(PEOPLE[name], ROLES), recipient(facts), by_rule, PACKS).allowed


def test_it_never_lifts_a_whole_account() -> None:
    facts = person("two", ["suspended", "caaspp/test-administrator@park"])
    whole = Suspension(None, whole=True, by_review=True)
    found = may_lift(actor(PEOPLE["peer-site"], ACCOUNTS), recipient(facts), whole, PACKS)
    assert found.refusal is not None
    assert found.refusal.code == "NOT_YOUR_SUSPENSION"
