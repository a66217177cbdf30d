"""Laws that hold for every generated person: one answer on each surface, and nothing beyond the giver's reach."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from policy.access import AccessRule, AccessTarget, Subject, holds, may_ever, row_filter
from policy.caller import PersonCaller
from policy.claims import entries
from policy.decide import GroupTarget, OrganizationTarget, Question, StudentTarget, UserTarget, decide
from policy.facts import Level, Person, UserStatus
from policy.grant import under
from policy.grants import access_of
from policy.ids import Permission, ProgramCode, SchoolYear, UserId
from policy.pack import Reach
from policy.reach import EVERYTHING, Place, Range, merge, visible
from tests.policy import worlds
from tests.policy.worlds import PACKS, TODAY, TREE, VOCABULARY, YEARS

permissions = st.sampled_from(sorted(VOCABULARY))


def access(person: Person):  # noqa: ANN201
    return access_of(person, PACKS, YEARS, TODAY)


@given(worlds.people, permissions, worlds.kinds)
def test_list_equals_filter_of_decide_for_organizations(
    person: Person, permission: Permission, kind: str | None
) -> None:
    mine = access(person)
    current = [grant for grant in mine.of(permission) if grant.current]
    listed = {where.id for where in TREE if visible(current, permission, kind).contains(worlds.place_of(where))}
    decided = {
        where.id
        for where in TREE
        if decide(mine, Question(permission, OrganizationTarget(worlds.place_of(where)), assessment=kind)).allowed
    }
    assert listed == decided


@given(worlds.people, permissions, worlds.places)
def test_list_equals_filter_of_decide_for_people(person: Person, permission: Permission, place: Place) -> None:
    mine = access(person)
    if place.program is None or place.school_year is None:
        return
    listed = visible(mine.grants, permission).contains(place)
    target = UserTarget(UserId(worlds.ident("somebody")), (place,))
    question = Question(permission, target, program=place.program, school_year=place.school_year)
    assert listed == decide(mine, question).allowed


@given(worlds.people, permissions, st.lists(worlds.places, max_size=3), st.sampled_from(list(AccessTarget)))
def test_row_filter_is_holds_as_data(
    person: Person, permission: Permission, places: list[Place], of: AccessTarget
) -> None:
    caller = PersonCaller(person.id, access(person), None, 1)
    rules = (AccessRule(permission, of),)
    found = row_filter(caller, rules)
    subject = Subject(owner=UserId(worlds.ident("person0")), places=tuple(places))
    by_reach = bool(places) and any(found.visible.contains(place) for place in places)
    passes = (found.own is not None and found.own == subject.owner) or by_reach
    if of is AccessTarget.STATE and not places:
        return
    assert holds(caller, rules, subject) == passes
    if passes:
        assert may_ever(caller, rules)


@given(worlds.people, permissions, worlds.places, worlds.kinds, st.data())
def test_removing_an_assignment_never_widens(
    person: Person, permission: Permission, place: Place, kind: str | None, data: st.DataObject
) -> None:
    if not person.assignments:
        return
    gone = data.draw(st.sampled_from(person.assignments))
    smaller = replace(person, assignments=tuple(one for one in person.assignments if one is not gone))
    for target in (OrganizationTarget(place), UserTarget(person.id, (place,)), GroupTarget(worlds.GROUP_IDS[0], place)):
        question = Question(permission, target, place.program, place.school_year, kind)
        if decide(access(smaller), question).allowed:
            assert decide(access(person), question).allowed


@given(worlds.people, permissions, worlds.places, worlds.programs, worlds.kinds)
def test_naming_a_program_never_widens(
    person: Person, permission: Permission, place: Place, program: ProgramCode | None, kind: str | None
) -> None:
    mine = access(person)
    target = OrganizationTarget(place)
    if decide(mine, Question(permission, target, program, assessment=kind)).allowed:
        assert decide(mine, Question(permission, target, assessment=kind)).allowed


@given(worlds.people, permissions, worlds.places, worlds.programs, worlds.years)
def test_nothing_outside_subtree_program_or_year_is_reached(
    person: Person, permission: Permission, place: Place, program: ProgramCode | None, year: SchoolYear | None
) -> None:
    mine = access(person)
    answer = decide(mine, Question(permission, OrganizationTarget(place), program, year))
    if not answer.allowed or answer.grant is None:
        return
    held = next(one for one in person.assignments if one.id == answer.grant.assignment)
    if held.program == worlds.STATE_PROGRAM:
        return
    assert person.status is UserStatus.ACTIVE
    assert held.organization.id in {place.organization, place.lea}
    assert program in (None, held.program)
    assert place.program in (None, held.program)
    asked = year or place.school_year
    if asked is not None and asked != held.school_year:
        ahead = asked == YEARS.upcoming.get(held.program) and answer.grant.held_in == worlds.NOW
        behind = asked < held.school_year and VOCABULARY[permission].earlier_years
        assert ahead or behind


@given(worlds.people, permissions, worlds.places)
def test_active_role_narrows_and_all_roles_together_are_the_whole(
    person: Person, permission: Permission, place: Place
) -> None:
    mine = access(person)
    question = Question(permission, OrganizationTarget(place))
    parts = [decide(under(mine, role), question).allowed for role in mine.roles()]
    assert any(parts) == decide(mine, question).allowed


@given(worlds.people, worlds.places, st.frozensets(st.sampled_from(worlds.GROUP_IDS)))
def test_without_the_students_school_only_a_roster_allows(
    person: Person, place: Place, groups: frozenset[object]
) -> None:
    answer = decide(access(person), Question(worlds.GROUPS, StudentTarget(None, groups)))  # type: ignore[arg-type]
    assert not answer.allowed or (answer.grant is not None and answer.grant.reach is Reach.ROSTER)


@given(worlds.people, permissions, worlds.kinds)
def test_claims_say_what_decide_says(person: Person, permission: Permission, kind: str | None) -> None:
    """A resource server that reads the entries plainly comes to the same answer for each organization."""
    mine = access(person)
    system, _, action = permission.partition(":")
    told = [one for one in entries(mine, {system: "https://it.example/"}) if action in one.actions]  # type: ignore[dict-item]
    every_kind = {"summative", "interim"} if VOCABULARY[permission].by_assessment else set[str]()
    for where in TREE:
        read = any(
            _covers(one.reach, one.organizations, where.code, where.level, where.lea and _code(where.lea))
            and not one.reports
            and not one.roles
            and ({kind} if kind and every_kind else every_kind) <= set(one.assessments or every_kind)
            for one in told
        )
        asked = Question(permission, OrganizationTarget(worlds.place_of(where)), assessment=kind)
        assert read == decide(mine, asked).allowed


def _code(lea: object) -> str:
    return next(one.code for one in worlds.LEAS if one.id == lea)


def _covers(reach: str, organizations: tuple[str, ...], code: str, level: Level, lea: str | None) -> bool:
    match reach:
        case "state":
            return True
        case "lea":
            return f"lea:{lea}" in organizations
        case "schools":
            return level is Level.SCHOOL and f"lea:{lea}" in organizations
        case "site":
            return f"{level}:{code}" in organizations
        case _:
            return False


@given(
    st.lists(st.builds(Range, worlds.programs, worlds.years, lea=st.sampled_from((None, worlds.LEAS[0].id)))),
    worlds.places,
)
def test_merged_ranges_contain_the_same_places(ranges: list[Range], place: Place) -> None:
    assert any(one.contains(place) for one in ranges) == any(one.contains(place) for one in merge(ranges))


def test_everything_contains_every_place() -> None:
    assert all(EVERYTHING.contains(worlds.place_of(where)) for where in TREE)
