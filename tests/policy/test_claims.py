"""What tokens say (RFC 9396): entries equal but for organizations are one, never over programs or kinds."""

from policy.claims import active_role_claim, authorization_details, held_at
from policy.facts import Person, RosterPlace, UserStatus
from policy.grant import ActiveRole, under
from policy.grants import access_of
from policy.ids import GroupId, System, UserId
from tests.policy import worlds
from tests.policy.worlds import BLUE, BOSS, NEXT, NOW, PACKS, RED, SITE, SPLIT, TODAY, YEARS

SCHOOL, SIBLING = worlds.SCHOOLS[:2]
CERS = {System("cers"): "https://cers.example/"}
ANN = UserId(worlds.ident("ann"))


def held(role: str, where: object, **more: object):  # noqa: ANN201
    return worlds.assignment(worlds.Holding(role, where), **more)  # type: ignore[arg-type]


def access(*assignments: object, **more: object):  # noqa: ANN201
    return access_of(Person(ANN, UserStatus.ACTIVE, assignments, **more), PACKS, YEARS, TODAY)  # type: ignore[arg-type]


def test_one_entry_for_a_role_at_two_schools() -> None:
    assert authorization_details(access(held(SITE, SIBLING), held(SITE, SCHOOL)), CERS) == [
        {
            "type": "assessment_access",
            "locations": ["https://cers.example/"],
            "actions": ["results:view"],
            "program": "red",
            "school_year": NOW,
            "assessments": ["interim", "summative"],
            "reach": "site",
            "organizations": ["school:school00", "school:school01"],
        }
    ]


def test_programs_stay_apart_and_upcoming_years_stay_out() -> None:
    red, blue, later = held(SITE, SCHOOL), held(SITE, SCHOOL, program=BLUE), held(BOSS, worlds.LEAS[0], year=NEXT)
    told = authorization_details(access(red, blue, later), CERS)
    assert [entry["program"] for entry in told] == ["blue", "red"]  # type: ignore[index,call-overload]


def test_only_the_relying_partys_systems_are_told() -> None:
    assert authorization_details(access(held(SITE, SCHOOL)), {System("thss"): "https://thss.example/"}) == []


def test_groups_are_named_where_the_gateway_keeps_them() -> None:
    group = GroupId(worlds.ident("group"))
    roster = RosterPlace(group, SCHOOL.id, SCHOOL.lea, NOW)
    told = authorization_details(access(held(SPLIT, worlds.LEAS[0]), rosters=(roster,)), CERS)
    assert told[0]["reach"] == "roster"  # type: ignore[index,call-overload]
    assert "groups" not in told[0]  # type: ignore[operator]


def test_s1_20_the_active_role_names_all_its_organizations() -> None:
    mine = access(held(SITE, SIBLING), held(SITE, SCHOOL), held(BOSS, worlds.LEAS[1]))
    active = ActiveRole(RED, SITE, NOW)
    assert active_role_claim(active, held_at(mine, active)) == {
        "program": "red", "role": "site", "school_year": NOW, "organizations": ["school:school00", "school:school01"],
    }  # fmt: skip
    assert {entry["reach"] for entry in authorization_details(under(mine, active), CERS)} == {"site"}  # type: ignore[index,call-overload]
