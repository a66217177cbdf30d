"""Who may give and take which role: each rule with its refusal, and the form offers what the mutation enforces."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.delegation import Actor, Opening, Proposal, Recipient, assignable_roles, may_assign, may_remove, rank_of
from policy.facts import Assignment, AssignmentStatus, Organization, Person, UserStatus
from policy.grants import access_of
from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import AccountPolicy
from policy.packs import Packs
from tests.policy import worlds
from tests.policy.worlds import BLUE, BOSS, HEAD, LAST, NEXT, NOW, PACKS, READER, RED, SITE, TEACHER, TODAY, YEARS

LEA, OTHER_LEA = worlds.LEAS[:2]
SCHOOL, SIBLING, ELSEWHERE = worlds.SCHOOLS[:3]
ANN, BEN = UserId(worlds.ident("ann")), UserId(worlds.ident("ben"))
NOBODY_YET = Recipient(None, UserStatus.INVITED)


def holding(
    role: RoleSlug, where: Organization, program: ProgramCode = RED, year: SchoolYear = NOW, **more: object
) -> Assignment:
    return worlds.assignment(worlds.Holding(role, where), program, year, **more)  # type: ignore[arg-type]


def actor(*held: Assignment) -> Actor:
    person = Person(ANN, UserStatus.ACTIVE, held, frozenset())
    return Actor(ANN, access_of(person, PACKS, YEARS, TODAY), (worlds.MANAGE, worlds.VIEW))


@pytest.mark.parametrize(
    ("giver", "proposal", "code"),
    [
        (holding(HEAD, LEA), Proposal(RED, BOSS, LEA, NOW), None),
        (holding(HEAD, LEA), Proposal(RED, BOSS, LEA, NEXT), None),
        (holding(HEAD, LEA), Proposal(RED, BOSS, OTHER_LEA, NOW), "NOT_ASSIGNABLE"),
        (holding(HEAD, LEA), Proposal(BLUE, BOSS, LEA, NOW), "NOT_ASSIGNABLE"),
        (holding(HEAD, LEA), Proposal(RED, TEACHER, SCHOOL, NOW), "NOT_ASSIGNABLE"),
        (holding(HEAD, LEA), Proposal(RED, HEAD, LEA, NOW), "DERIVED_ROLE"),
        (holding(BOSS, LEA), Proposal(RED, BOSS, LEA, NOW), "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA, primary=True), Proposal(RED, BOSS, LEA, NOW), None),
        (holding(BOSS, LEA), Proposal(RED, SITE, SCHOOL, NOW), None),
        (holding(BOSS, LEA), Proposal(RED, SITE, ELSEWHERE, NOW), "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA), Proposal(RED, SITE, LEA, NOW), "WRONG_LEVEL"),
        (holding(BOSS, LEA), Proposal(RED, SITE, SCHOOL, NEXT), "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA), Proposal(RED, SITE, SCHOOL, LAST), "YEAR_NOT_OPEN"),
        (holding(BOSS, LEA, year=NEXT), Proposal(RED, SITE, SCHOOL, NEXT), None),
        (holding(BOSS, LEA, year=NEXT), Proposal(RED, SITE, SCHOOL, NOW), "NOT_ASSIGNABLE"),
        (holding(SITE, SCHOOL), Proposal(RED, TEACHER, SCHOOL, NOW), None),
        (holding(SITE, SCHOOL), Proposal(RED, TEACHER, SIBLING, NOW), "NOT_ASSIGNABLE"),
        (holding(SITE, SCHOOL), Proposal(RED, SITE, SCHOOL, NOW), "NOT_ASSIGNABLE"),
        (holding(SITE, SCHOOL), Proposal(RED, READER, LEA, NOW), "NOT_ASSIGNABLE"),
        (holding(READER, LEA), Proposal(RED, TEACHER, SCHOOL, NOW), "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA, status=AssignmentStatus.SUSPENDED), Proposal(RED, SITE, SCHOOL, NOW), "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA), Proposal(RED, RoleSlug("wizard"), SCHOOL, NOW), "UNKNOWN_ROLE"),
        (holding(BOSS, LEA), Proposal(RED, SITE, replace(SCHOOL, active=False), NOW), "CLOSED"),
    ],
)  # fmt: skip
def test_who_may_give_which_role_where_and_when(giver: Assignment, proposal: Proposal, code: str | None) -> None:
    verdict = may_assign(actor(giver), NOBODY_YET, proposal, PACKS, YEARS)
    assert (verdict.refusal.code if verdict.refusal else None) == code
    assert verdict.allowed is (verdict.under is not None)


def recipient(*held: Assignment, user: UserId = BEN, status: UserStatus = UserStatus.ACTIVE) -> Recipient:
    return Recipient(user, status, held)


@pytest.mark.parametrize(
    ("to", "code", "rule"),
    [
        (recipient(), None, ""),
        (recipient(user=ANN), "OWN_ASSIGNMENT", "delegation-1"),
        (recipient(holding(TEACHER, SCHOOL)), "ALREADY_HELD", "S0-12"),
        (recipient(holding(SITE, SCHOOL)), "SECOND_ROLE", "S0-12"),
        (recipient(holding(SITE, SCHOOL, BLUE)), None, ""),
        (recipient(holding(SITE, SCHOOL, RED, LAST)), None, ""),
        (recipient(holding(SITE, SIBLING)), None, ""),
        (recipient(status=UserStatus.SUSPENDED), "SUSPENDED", "accounts-5"),
    ],
)
def test_what_the_recipient_holds_may_stand_against_it(to: Recipient, code: str | None, rule: str) -> None:
    verdict = may_assign(actor(holding(BOSS, LEA)), to, Proposal(RED, TEACHER, SCHOOL, NOW), PACKS, YEARS)
    assert (verdict.refusal.code if verdict.refusal else None) == code
    assert verdict.refusal is None or verdict.refusal.rule == rule


def test_s0_10_in_a_single_level_year_an_account_holds_one_role() -> None:
    packs = Packs(worlds.VOCABULARY, (worlds.pack(RED, AccountPolicy.SINGLE_LEVEL),))
    boss = actor(holding(BOSS, LEA))
    other = recipient(holding(SITE, SIBLING))
    refused = may_assign(boss, other, Proposal(RED, TEACHER, SCHOOL, NOW), packs, YEARS)
    assert refused.refusal is not None
    assert refused.refusal.rule == "S0-10"
    same = recipient(holding(TEACHER, SIBLING))
    assert may_assign(boss, same, Proposal(RED, TEACHER, SCHOOL, NOW), packs, YEARS).allowed


@pytest.mark.parametrize(
    ("taker", "taken", "user", "code"),
    [
        (holding(BOSS, LEA), holding(TEACHER, SCHOOL), BEN, None),
        (holding(BOSS, LEA), holding(TEACHER, ELSEWHERE), BEN, "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA), holding(TEACHER, SCHOOL, BLUE), BEN, "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA), holding(BOSS, LEA, name="peer"), BEN, "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA, primary=True), holding(BOSS, LEA, name="peer"), BEN, None),
        (holding(BOSS, LEA, primary=True), holding(BOSS, LEA, name="peer", primary=True), BEN, "NOT_ASSIGNABLE"),
        (holding(BOSS, LEA), holding(HEAD, LEA), BEN, "DERIVED_ROLE"),
        (holding(BOSS, LEA, primary=True), holding(BOSS, LEA, primary=True), ANN, "OWN_ASSIGNMENT"),
        (holding(SITE, SCHOOL), holding(TEACHER, SCHOOL), BEN, None),
        (holding(SITE, SCHOOL), holding(SITE, SCHOOL, name="peer"), BEN, "NOT_ASSIGNABLE"),
        (holding(HEAD, LEA), holding(BOSS, LEA, primary=True), BEN, None),
    ],
)  # fmt: skip
def test_who_may_take_which_role(taker: Assignment, taken: Assignment, user: UserId, code: str | None) -> None:
    verdict = may_remove(actor(taker), recipient(taken, user=user), taken, PACKS)
    assert (verdict.refusal.code if verdict.refusal else None) == code


@given(worlds.people, st.sampled_from(worlds.TREE), st.sampled_from((RED, BLUE)), st.sampled_from((NOW, NEXT)))
def test_the_giver_stands_above_and_reaches_what_she_gives(
    giver: Person, where: Organization, program: ProgramCode, year: SchoolYear
) -> None:
    someone = Actor(giver.id, access_of(giver, PACKS, YEARS, TODAY), (worlds.MANAGE, worlds.VIEW))
    offered = assignable_roles(someone, recipient(), Opening(program, where, year), PACKS, YEARS)
    pack = PACKS.at(program, year)
    assert pack is not None
    for role in pack.roles.values():
        verdict = may_assign(someone, recipient(), Proposal(program, role.slug, where, year), PACKS, YEARS)
        assert verdict.allowed is (role in offered)
        if verdict.under is None:
            continue
        assert rank_of(verdict.under, pack.roles[verdict.under.role]) < role.rank
        assert verdict.under.program == program
        assert verdict.under.organization.id in {where.id, where.lea}
