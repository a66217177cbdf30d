"""Delegation's single rules beyond the table: second roles, seats, the primary's successor, S0-11 and single-level."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from policy.delegation import (
    Actor,
    Coordinator,
    Opening,
    Proposal,
    Recipient,
    RowOutcome,
    Seats,
    assignable_roles,
    becomes_primary,
    cautions,
    may_assign,
    may_replace,
    replaced_by,
    successor,
    suspendable,
)
from policy.facts import UserStatus, Years
from policy.grants import access_of
from policy.ids import AssignmentId, RoleSlug, SchoolYear, UserId
from policy.packs import Packs
from store.shipped_packs import shipped_packs, vocabulary
from tests.delegation.scene import (
    CAASPP,
    NOW,
    PACKS,
    PLACES,
    ROLES,
    TODAY,
    YEARS,
    actor,
    ident,
    person,
    recipient,
    written,
)

OLD = SchoolYear("2017-18")
OLD_PACKS = Packs(vocabulary(), [file.pack for file in shipped_packs()])
OLD_YEARS = Years({CAASPP: OLD})
DAY = datetime(2026, 8, 1, tzinfo=UTC)
LEAD = PACKS.role(CAASPP, RoleSlug("lea-coordinator"), NOW)


def message(giver: str, asked: str, held: str) -> tuple[str, str]:
    refusal = may_assign(
        actor(person("giver", ["active", giver]), ROLES), recipient(person("ann", ["active", held])),
        written(asked).proposal(), PACKS, YEARS,
    ).refusal  # fmt: skip
    assert refusal is not None
    return refusal.rule, f"{refusal.message} {refusal.remedy}"


@pytest.mark.rule("S0-12", "accounts-1")
def test_s0_12_the_refusal_names_the_role_that_contains_the_other() -> None:
    rule, text = message(
        "caaspp/site-coordinator@park", "caaspp/educator-test-site@park", "caaspp/educator-roster@park"
    )
    assert rule == "S0-12"
    assert "Educator - Test Site gives all that Educator - Roster gives." in text
    assert "Remove Educator - Roster, then give Educator - Test Site." in text
    _, text = message("caaspp/site-coordinator@park", "caaspp/educator-roster@park", "caaspp/educator-test-site@park")
    assert "Keep Educator - Test Site" in text


@pytest.mark.rule("S0-12", "accounts-1")
def test_s0_12_or_else_what_each_would_lose() -> None:
    _, text = message(
        "caaspp/lea-coordinator@valley", "caaspp/educator-test-site@park", "caaspp/test-administrator@park"
    )
    assert "Educator - Test Site alone would lose: " in text
    assert "CAASPP Test Administrator alone would lack: " in text


@pytest.mark.rule("S1-29")
def test_s1_29_roles_of_a_whole_site_have_a_caution() -> None:
    for program in PACKS.programs():
        pack = PACKS.at(program, NOW)
        assert pack is not None
        for role in pack.roles.values():
            site_based = role.slug in ("site-coordinator", "educator-test-site") and program in ("caaspp", "elpac")
            assert bool(cautions(role)) is site_based


def old_actor(*held: str) -> Actor:
    """Somebody of 2017-18, acting under the first of her roles."""
    assignments = tuple(replace(written(one).held_by("ann"), school_year=OLD) for one in held)
    facts = replace(person("ann", ["active"]), assignments=assignments)
    signed = frozenset(replace(one, school_year=OLD) for one in facts.forms)
    access = access_of(replace(facts, forms=signed), OLD_PACKS, OLD_YEARS, TODAY)
    first = access.roles()
    return Actor(facts.id, access, ROLES, first)


@pytest.mark.rule("accounts-2")
@pytest.mark.rule("S0-11")
def test_s0_11_nobody_gives_a_role_that_she_holds_at_another_school() -> None:
    proposal = Proposal(CAASPP, RoleSlug("test-examiner"), PLACES["park"], OLD)
    nobody = Recipient(None, UserStatus.INVITED)
    both = old_actor("caaspp/site-coordinator@park", "caaspp/test-examiner@hill")
    refused = may_assign(both, nobody, proposal, OLD_PACKS, OLD_YEARS).refusal
    assert refused is not None
    assert (refused.code, refused.rule) == ("OWN_ROLE", "S0-11")
    other = replace(proposal, role=RoleSlug("test-administrator"))
    assert may_assign(both, nobody, other, OLD_PACKS, OLD_YEARS).allowed
    alone = old_actor("caaspp/site-coordinator@park")
    assert may_assign(alone, nobody, proposal, OLD_PACKS, OLD_YEARS).allowed


@pytest.mark.rule("accounts-2")
@pytest.mark.rule("S0-11")
def test_s0_11_is_off_in_the_current_packs() -> None:
    both = actor(person("ann", ["active", "caaspp/site-coordinator@park", "caaspp/test-examiner@hill"]), ROLES)
    asked = written("caaspp/test-examiner@park").proposal()
    assert may_assign(both, Recipient(None, UserStatus.INVITED), asked, PACKS, YEARS).allowed


@pytest.mark.rule("S0-07", "S0-08", "S0-10")
@pytest.mark.parametrize(("asked", "code"), [("test-examiner", "SINGLE_LEVEL"), ("test-administrator", None)])
def test_s0_10_in_2017_18_an_account_holds_one_role_anywhere(asked: str, code: str | None) -> None:
    held = replace(written("caaspp/test-administrator@hill").held_by("ben"), school_year=OLD)
    ben = Recipient(UserId(ident("ben")), UserStatus.ACTIVE, (held,))
    proposal = Proposal(CAASPP, RoleSlug(asked), PLACES["park"], OLD)
    found = may_assign(old_actor("caaspp/lea-coordinator@valley"), ben, proposal, OLD_PACKS, OLD_YEARS).refusal
    assert (found and found.code) == code


@pytest.mark.rule("S1-13", "delegation-2")
@pytest.mark.parametrize(
    ("seats", "code"),
    [
        (Seats(primary=False, additional=0), None),
        (Seats(primary=False, additional=3), None),
        (Seats(primary=True, additional=2), None),
        (Seats(primary=True, additional=3), "TOO_MANY_COORDINATORS"),
        (None, None),
    ],
)
@pytest.mark.rule("S0-16")
def test_an_lea_has_a_primary_and_three_additional_coordinators(seats: Seats | None, code: str | None) -> None:
    head = actor(person("head", ["active", "caaspp/superintendent@valley"]), ROLES)
    nobody = Recipient(None, UserStatus.INVITED)
    asked = replace(written("caaspp/lea-coordinator@valley").proposal(), seats=seats)
    found = may_assign(head, nobody, asked, PACKS, YEARS).refusal
    assert (found and found.code) == code
    of_each = {RoleSlug("lea-coordinator"): seats} if seats else {}
    offered = assignable_roles(head, nobody, Opening(CAASPP, PLACES["valley"], NOW, of_each), PACKS, YEARS)
    assert [role.slug for role in offered] == ([] if code else ["lea-coordinator"])


@pytest.mark.rule("S0-15")
@pytest.mark.rule("S1-08")
def test_s1_08_the_first_coordinator_is_primary() -> None:
    assert LEAD is not None
    assert becomes_primary(LEAD, Seats(primary=False, additional=0))
    assert not becomes_primary(LEAD, Seats(primary=True, additional=0))
    site = PACKS.role(CAASPP, RoleSlug("site-coordinator"), NOW)
    assert site is not None
    assert not becomes_primary(site, Seats(primary=False, additional=0))


def lead(number: int, *, days: int, **more: object) -> Coordinator:
    return Coordinator(AssignmentId(UUID(int=number)), DAY + timedelta(days=days), **more)  # type: ignore[arg-type]


@pytest.mark.rule("S1-08", "delegation-4")
@pytest.mark.parametrize(
    ("remaining", "chosen"),
    [
        ([], None),
        ([lead(1, days=5), lead(2, days=1), lead(3, days=9)], 2),
        ([lead(1, days=5), lead(2, days=1, primary=True)], None),
        ([lead(1, days=5), lead(2, days=1, primary=True, active=False)], 1),
        ([lead(1, days=5), lead(2, days=1, active=False)], 1),
        ([lead(1, days=5), lead(2, days=1, status=UserStatus.SUSPENDED)], 1),
        ([lead(1, days=5), lead(2, days=1, status=UserStatus.INVITED)], 1),
        ([lead(2, days=1, status=UserStatus.INVITED)], 2),
        ([lead(2, days=1), lead(1, days=1)], 1),
    ],
)
def test_s1_08_the_longest_assigned_coordinator_follows(remaining: list[Coordinator], chosen: int | None) -> None:
    assert successor(remaining) == (None if chosen is None else UUID(int=chosen))


@pytest.mark.rule("accounts-5")
def test_deactivating_suspends_the_roles_within_reach() -> None:
    shared = recipient(person("shared", ["active", "caaspp/test-administrator@park", "elpac/test-examiner@park"]))
    site = actor(person("site", ["active", "caaspp/site-coordinator@park"]), ROLES)
    assert [one.program for one in suspendable(site, shared, PACKS)] == ["caaspp"]


@pytest.mark.rule("files", "S0-55")
def test_a_row_for_an_inactive_person_reactivates_her() -> None:
    site = actor(person("site", ["active", "caaspp/site-coordinator@park"]), ROLES)
    gone = Recipient(UserId(ident("gone")), UserStatus.INACTIVE)
    found = may_replace(site, gone, (), written("caaspp/test-administrator@park").proposal(), PACKS, YEARS)
    assert (found.outcome, found.reactivates) == (RowOutcome.ADD, True)


@pytest.mark.rule("files")
def test_a_row_that_only_removes() -> None:
    site = actor(person("site", ["active", "caaspp/site-coordinator@park"]), ROLES)
    teacher = recipient(person("teacher", ["active", "caaspp/test-administrator@park"]))
    found = may_replace(site, teacher, teacher.assignments, None, PACKS, YEARS)
    assert (found.outcome, found.removed) == (RowOutcome.REMOVE, teacher.assignments)
    lead_ = recipient(person("lead", ["active", "caaspp/lea-coordinator@valley"]))
    primary = actor(person("primary", ["active", "caaspp/lea-coordinator@valley!primary"]), ROLES)
    refused = may_replace(primary, lead_, lead_.assignments, None, PACKS, YEARS)
    assert refused.refusal is not None
    assert refused.refusal.code == "NEVER_BY_FILE"


@pytest.mark.rule("files", "S0-39")
def test_rows_are_judged_by_the_hundred_thousand() -> None:
    """The actor's authority is worked out once: 20,000 rows take well under two seconds on any machine."""
    site = actor(person("site", ["active", "caaspp/lea-coordinator@valley"]), ROLES)
    new = written("caaspp/test-examiner@park").proposal()
    people = [recipient(person(f"t{n}", ["active", "caaspp/test-administrator@park"])) for n in range(200)]
    began = time.perf_counter()
    for _ in range(100):
        for one in people:
            found = may_replace(site, one, replaced_by(one, new, PACKS), new, PACKS, YEARS)
            assert found.outcome is RowOutcome.REPLACE
    assert time.perf_counter() - began < 2
