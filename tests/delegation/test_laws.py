"""Laws of delegation for every drawn actor and target: nothing beyond reach, nothing against rank, one answer."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.delegation import (
    Actor,
    Author,
    IdentityOperation,
    Proposal,
    Recipient,
    RowOutcome,
    Suspension,
    height_of,
    may_assign,
    may_change_identity,
    may_designate,
    may_lift,
    may_remove,
    may_replace,
    rank_of,
    replaced_by,
)
from policy.facts import Assignment, AssignmentStatus, Person, UserStatus
from policy.grants import access_of
from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from policy.reach import Place, covers
from tests.policy import worlds
from tests.policy.worlds import MANAGE, PACKS, TODAY, YEARS

ME, HER = UserId(worlds.ident("me")), UserId(worlds.ident("her"))
NEAR = [one for one in worlds.HOLDINGS if worlds.LEAS[0].id in (one.where.id, one.where.lea)]
"""One LEA and its schools, where people meet."""


def _held(holding: worlds.Holding, program: ProgramCode, year: SchoolYear, primary: bool, number: int) -> Assignment:
    return worlds.assignment(holding, program, year, name=str(number), primary=primary and holding.role == worlds.BOSS)


def _meeting(roles: tuple[RoleSlug, ...], user: UserId) -> st.SearchStrategy[Person]:
    """Active people with a few roles in one LEA, mostly of this year and one program."""
    held = st.builds(
        _held,
        st.sampled_from([one for one in NEAR if one.role in roles]),
        st.sampled_from((worlds.RED, worlds.RED, worlds.RED, worlds.BLUE)),
        st.sampled_from((worlds.NOW, worlds.NOW, worlds.NOW, worlds.NEXT)),
        st.booleans(),
        st.integers(0, 3),
    )
    some = st.lists(held, min_size=1, max_size=3, unique_by=lambda one: one.id).map(tuple)
    return st.builds(Person, st.just(user), st.just(UserStatus.ACTIVE), some)


_LEADS = _meeting((worlds.BOSS, worlds.SITE, worlds.HEAD), ME)
_STAFF = _meeting((worlds.BOSS, worlds.SITE, worlds.TEACHER, worlds.TEACHER, worlds.READER), HER)
actors = st.one_of(_LEADS, _LEADS, worlds.people.map(lambda one: replace(one, id=ME)))
targets = st.one_of(_STAFF, _STAFF, worlds.people.map(lambda one: replace(one, id=HER)))


def _proposal(holding: worlds.Holding, program: ProgramCode, year: SchoolYear) -> Proposal:
    return Proposal(program, holding.role, holding.where, year)


proposals = st.builds(
    _proposal,
    st.sampled_from((*worlds.HOLDINGS, *NEAR * 3)),
    st.sampled_from((worlds.RED, worlds.RED, worlds.RED, worlds.BLUE)),
    st.sampled_from((worlds.LAST, worlds.NOW, worlds.NOW, worlds.NOW, worlds.NEXT)),
)
operations = st.sampled_from(list(IdentityOperation))


def acting(person: Person) -> Actor:
    return Actor(person.id, access_of(person, PACKS, YEARS, TODAY), (MANAGE,))


def as_recipient(person: Person) -> Recipient:
    return Recipient(person.id, person.status, person.assignments)


def manages(actor: Actor, held: Assignment) -> bool:
    """Said anew, by grants and ranks alone: within reach of a grant whose holder stands above."""
    pack = PACKS.at(held.program, held.school_year or None)
    where = held.organization
    place = Place(where.id, where.level, where.lea, held.program, held.school_year, held.role)
    if pack is None:
        return False
    for grant in actor.access.of(MANAGE):
        own = next(one for one in actor.access.effective if (one.id, one.role) == (grant.assignment, grant.role))
        reached = grant.program == held.program and covers(grant, place)
        if reached and rank_of(own, pack.roles[own.role]) < rank_of(held, pack.roles[held.role]):
            return True
    return False


def counting(person: Person) -> list[Assignment]:
    return [one for one in person.assignments if one.status is not AssignmentStatus.EXPIRED]


@pytest.mark.rule("accounts-3", "delegation-5")
@given(actors, targets, operations)
@pytest.mark.checklist("56 a superior's")
def test_identity_needs_every_assignment_and_a_rank_above_each(
    actor: Person, target: Person, operation: IdentityOperation
) -> None:
    me = acting(actor)
    allowed = may_change_identity(me, as_recipient(target), operation, PACKS).allowed
    held = counting(target)
    if allowed:
        assert held
        assert all(manages(me, one) for one in held)
    if not held or not all(manages(me, one) for one in held):
        assert not allowed


@pytest.mark.rule("accounts-3")
@given(actors, targets, worlds.assignments, operations)
def test_a_further_role_of_the_target_never_opens_her_account(
    actor: Person, target: Person, further: Assignment, operation: IdentityOperation
) -> None:
    """Adding a role to another LEA's person gains nothing."""
    me = acting(actor)
    wider = replace(target, assignments=(*target.assignments, further))
    if counting(target) and may_change_identity(me, as_recipient(wider), operation, PACKS).allowed:
        assert may_change_identity(me, as_recipient(target), operation, PACKS).allowed


@pytest.mark.rule("delegation-1")
@given(actors, targets, proposals, st.data())
def test_fewer_roles_of_the_actor_never_allow_more(
    actor: Person, target: Person, proposal: Proposal, data: st.DataObject
) -> None:
    if not actor.assignments:
        return
    gone = data.draw(st.sampled_from(actor.assignments))
    fewer = acting(replace(actor, assignments=tuple(one for one in actor.assignments if one is not gone)))
    me, her = acting(actor), as_recipient(target)
    if may_assign(fewer, her, proposal, PACKS, YEARS).allowed:
        assert may_assign(me, her, proposal, PACKS, YEARS).allowed
    for held in target.assignments:
        if may_remove(fewer, her, held, PACKS).allowed:
            assert may_remove(me, her, held, PACKS).allowed


@pytest.mark.rule("delegation-1", "delegation-2")
@given(actors, targets, proposals)
@pytest.mark.checklist("56 one's own")
def test_nobody_touches_herself_nor_a_peer_nor_whom_she_does_not_reach(
    actor: Person, target: Person, proposal: Proposal
) -> None:
    me = acting(actor)
    own = as_recipient(actor)
    assert not may_assign(me, own, proposal, PACKS, YEARS).allowed
    for held in actor.assignments:
        assert not may_remove(me, own, held, PACKS).allowed
        assert not may_designate(me, own, held, PACKS).allowed
    for held in target.assignments:
        if may_remove(me, as_recipient(target), held, PACKS).allowed:
            assert manages(me, held)


@pytest.mark.rule("files", "S0-39")
@given(actors, st.one_of(targets, actors), proposals)
def test_a_row_does_no_more_than_removing_and_assigning_would(
    actor: Person, target: Person, proposal: Proposal
) -> None:
    me, her = acting(actor), as_recipient(target)
    old = replaced_by(her, proposal, PACKS)
    found = may_replace(me, her, old, proposal, PACKS, YEARS)
    assert (found.outcome is RowOutcome.REFUSED) == (found.refusal is not None)
    if found.outcome not in (RowOutcome.ADD, RowOutcome.REPLACE):
        return
    assert target.id != actor.id
    assert all(may_remove(me, her, one, PACKS).allowed for one in old)
    left = Recipient(her.user, her.status, tuple(one for one in her.assignments if one not in old))
    assert may_assign(me, left, proposal, PACKS, YEARS).allowed
    role = PACKS.role(proposal.program, proposal.role, proposal.school_year)
    assert role is not None
    assert role.primary_rank is None
    assert not role.derived


@pytest.mark.rule("files")
@given(actors, targets, targets, proposals)
def test_a_row_is_answered_the_same_whoever_was_judged_before(
    actor: Person, first: Person, second: Person, proposal: Proposal
) -> None:
    kept = acting(actor)
    for target in (first, second, first):
        her = as_recipient(target)
        old = replaced_by(her, proposal, PACKS)
        fresh = may_replace(acting(actor), her, old, proposal, PACKS, YEARS)
        assert may_replace(kept, her, old, proposal, PACKS, YEARS) == fresh


@pytest.mark.rule("accounts-5")
@given(actors, targets, worlds.people, st.booleans())
def test_a_suspension_is_lifted_by_its_author_or_from_above_alone(
    actor: Person, target: Person, other: Person, by_herself: bool
) -> None:
    who = actor if by_herself else other
    if not who.assignments:
        return
    suspended = replace(target, status=UserStatus.SUSPENDED)
    author = Author(who.id, who.assignments[0])
    me = acting(actor)
    found = may_lift(me, as_recipient(suspended), Suspension(author, whole=True), PACKS)
    if not found.allowed:
        return
    assert all(manages(me, one) for one in counting(target))
    if who.id != actor.id:
        mine = [height_of(one, PACKS) for one in me.access.effective]
        hers = height_of(author.under, PACKS)
        assert hers is not None
        assert any(one is not None and one.is_above(hers) for one in mine)


@pytest.mark.rule("accounts-5")
@given(actors, targets, operations, proposals)
def test_what_is_suspended_is_not_opened_by_anything_else(
    actor: Person, target: Person, operation: IdentityOperation, proposal: Proposal
) -> None:
    me, her = acting(actor), as_recipient(replace(target, status=UserStatus.SUSPENDED))
    if operation not in (IdentityOperation.EDIT, IdentityOperation.DELETE):
        assert not may_change_identity(me, her, operation, PACKS).allowed
    assert not may_assign(me, her, proposal, PACKS, YEARS).allowed
    assert may_replace(me, her, (), proposal, PACKS, YEARS).outcome is RowOutcome.REFUSED


def test_what_is_drawn_is_allowed_often_enough() -> None:
    """The laws above would hold of refusals alone."""
    allowed = Counter[str]()

    @settings(max_examples=400, database=None, derandomize=True)
    @given(actors, targets, proposals, operations)
    def count(actor: Person, target: Person, proposal: Proposal, operation: IdentityOperation) -> None:
        me, her = acting(actor), as_recipient(target)
        allowed["identity"] += may_change_identity(me, her, operation, PACKS).allowed
        allowed["assign"] += may_assign(me, her, proposal, PACKS, YEARS).allowed
        allowed["remove"] += any(may_remove(me, her, one, PACKS).allowed for one in target.assignments)

    count()
    assert min(allowed["identity"], allowed["assign"], allowed["remove"]) >= 3, allowed
