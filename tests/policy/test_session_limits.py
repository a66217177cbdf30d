"""What a session that came through a district's own identity provider is limited to, as laws over generated people."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from policy.access import AccessRule, AccessTarget, may_ever, row_filter
from policy.caller import PersonCaller
from policy.decide import OrganizationTarget, Question, decide
from policy.facts import Level, Organization, Person
from policy.grant import under
from policy.grants import access_of
from policy.ids import OrganizationId, Permission
from policy.pack import Reach
from policy.session_limits import inside_lea
from tests.policy import worlds
from tests.policy.worlds import LEAS, PACKS, STATE, TODAY, TREE, VOCABULARY, YEARS

leas = st.sampled_from([one.id for one in LEAS])
permissions = st.sampled_from(sorted(VOCABULARY))


def access(person: Person):  # noqa: ANN201
    return access_of(person, PACKS, YEARS, TODAY)


@given(worlds.people, leas)
def test_the_limited_access_is_that_of_somebody_who_has_only_the_leas_assignments(
    person: Person, lea: OrganizationId
) -> None:
    only_there = replace(person, assignments=tuple(one for one in person.assignments if one.organization.lea == lea))
    assert inside_lea(access(person), lea) == access(only_there)


@given(worlds.people, leas)
def test_a_limit_only_takes_and_taking_twice_takes_no_more(person: Person, lea: OrganizationId) -> None:
    whole = access(person)
    limited = inside_lea(whole, lea)
    assert set(limited.grants) <= set(whole.grants)
    assert set(limited.effective) <= set(whole.effective)
    assert {one.assignment for one in limited.withheld} <= {one.assignment for one in whole.withheld}
    assert inside_lea(limited, lea) == limited
    assert inside_lea(whole, None) is whole


@given(worlds.people, leas, permissions, st.sampled_from(TREE))
def test_no_question_about_a_place_outside_the_lea_is_allowed(
    person: Person, lea: OrganizationId, permission: Permission, where: Organization
) -> None:
    limited = inside_lea(access(person), lea)
    asked = Question(permission, OrganizationTarget(worlds.place_of(where)))
    if where.lea != lea:
        assert not decide(limited, asked).allowed
    caller = PersonCaller(person.id, limited, None, 1)
    rows = row_filter(caller, (AccessRule(permission, AccessTarget.THIS),)).visible
    assert where.lea == lea or not rows.contains(worlds.place_of(where))


@given(worlds.people, leas, permissions)
def test_nothing_reaches_the_state_and_no_role_of_the_state_is_left(
    person: Person, lea: OrganizationId, permission: Permission
) -> None:
    limited = inside_lea(access(person), lea)
    every = (*limited.grants, *(grant for one in limited.withheld for grant in one.grants))
    assert all(one.reach is not Reach.STATE and not one.every_program for one in every)
    assert all(one.organization.level is not Level.STATE for one in limited.effective)
    assert not may_ever(PersonCaller(person.id, limited, None, 1), (AccessRule(permission, AccessTarget.STATE),))


@given(worlds.people, leas)
def test_limit_and_active_role_may_be_applied_in_either_order(person: Person, lea: OrganizationId) -> None:
    whole = access(person)
    for role in whole.roles():
        assert under(inside_lea(whole, lea), role) == inside_lea(under(whole, role), lea)


@given(worlds.people)
def test_the_state_is_no_lea(person: Person) -> None:
    nothing = inside_lea(access(person), STATE.id)
    assert (nothing.grants, nothing.withheld, nothing.effective) == ((), (), ())
