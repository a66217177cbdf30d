"""OneRoster 1.1 and 1.2 sets: staff with suggested roles, and classes as groups; a suggestion gives nothing."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from policy.facts import Level
from policy.files.one_roster import Suggestion, read_staff, read_suggesting
from policy.files.one_roster_groups import read_classes
from policy.files.rows import Action, FileRefusedError, GroupRow, OrganizationRef, RowProblem
from policy.ids import ProgramCode
from tests.files.formats.made import hashed, known
from tests.project import ROOT, toml

pytestmark = pytest.mark.rule("files")
TEXT = (ROOT / "programs" / "suggestions" / "one-roster.toml").read_text(encoding="utf-8")
SCHOOL, DISTRICT = "19000010000017", "19000010000000"
ORGS = f"""sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
d1,,,North Unified,district,{DISTRICT},
s1,,,Alder School,school,{SCHOOL},d1
s2,,,No Code,school,,d1
x1,,,Some Department,department,99,d1
s3,tobedeleted,,Gone,school,19000010000025,d1
"""
USERS_12 = """sourcedId,status,enabledUser,username,userIds,givenName,familyName,identifier,email,phone,primary
t1,,true,t1,,Tess,Teacher,E1,tess@n.example,916-555-0100,s1
p1,,true,p1,,Paul,Principal,E2,paul@n.example,unlisted,s1
k1,,true,k1,,Kim,Kid,1234567890,kim@n.example,,s1
k2,,true,k2,,Lou,Kid,,,,s1
o1,,false,o1,,Out,Gone,E3,out@n.example,,s1
b1,,true,b1,,Bad,Mail,E4,bad,,s1
"""
ROLES = """sourcedId,status,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId
1,,t1,primary,teacher,2026-08-01,2027-06-30,s1,
2,,t1,secondary,aide,,,d1,
3,,p1,primary,principal,,,s1,
4,,k1,primary,student,,,s1,
5,,k2,primary,student,,,s1,
6,,o1,primary,teacher,,,s1,
7,,b1,primary,teacher,,,s1,
8,,p1,secondary,teacher,,,s2,
9,tobedeleted,p1,secondary,teacher,,,s1,
"""
# as one published generator writes 1.1: the columns stand in another order than in the specification
USERS_11 = """sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,\
agentSourcedIds,familyName,middleName,identifier,email,sms,phone,grades,password
t1,,,true,"s1,d1",teacher,t1,,Tess,,Teacher,,E1,tess@n.example,,,,
k1,,,true,s1,student,k1,,Kim,,Kid,,1234567890,kim@n.example,,,,
"""
CLASSES = """sourcedId,title,schoolSourcedId
c1,"Room 5, blue",s1
c2,Nowhere,s2
"""
ENROLLMENTS = """sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role
1,c1,s1,t1,teacher
2,c1,s1,k1,student
3,c1,s1,k2,student
4,c2,s2,k1,student
5,c1,s1,p1,administrator
"""


def files(**texts: str) -> dict[str, Callable[[], Iterable[bytes]]]:
    def opened(text: str) -> Callable[[], Iterable[bytes]]:
        return lambda: [text.encode()]

    return {f"{name}.csv": opened(text) for name, text in texts.items()}


def staff(program: str = "caaspp", **texts: str) -> tuple[list[Suggestion], list[RowProblem]]:
    found: list[Any] = list(read_staff(files(**texts), known(program), read_suggesting(TEXT, ProgramCode(program))))
    return [one for one in found if isinstance(one, Suggestion)], [one for one in found if isinstance(one, RowProblem)]


def test_roles_of_1_2_come_from_roles_csv_and_are_suggested_only() -> None:
    found, problems = staff(orgs=ORGS, users=USERS_12, roles=ROLES)
    assert [(one.email, one.source_role, one.organization.code, bool(one.suggested)) for one in found] == [
        ("tess@n.example", "teacher", SCHOOL, True),
        ("tess@n.example", "aide", DISTRICT, False),
        ("paul@n.example", "principal", SCHOOL, False),
    ]
    assert found[0].suggested == (known().roles["test administrator"].slug,)
    assert found[0].organization == OrganizationRef(Level.SCHOOL, SCHOOL)
    assert (found[0].ends_on, found[0].organization_name, found[0].phone) == (
        "2027-06-30",
        "Alder School",
        "916-555-0100",
    )
    assert [(one.row, one.code, one.column) for one in problems] == [
        (3, "unknown-organization", "users.csv: orgSourcedId"),
        (7, "not-an-address", "users.csv: email"),
    ]


def test_roles_of_1_1_stand_in_users_csv_whatever_the_order_of_columns() -> None:
    found, problems = staff(orgs=ORGS, users=USERS_11)
    assert [(one.email, one.organization.code) for one in found] == [
        ("tess@n.example", SCHOOL),
        ("tess@n.example", DISTRICT),
    ]
    assert problems == []


def test_where_a_program_names_no_role_nothing_is_suggested() -> None:
    assert {one.suggested for one in staff("elpac", orgs=ORGS, users=USERS_11)[0]} == {()}


def test_suggested_roles_exist_and_none_is_a_coordinators() -> None:
    for program, by_role in toml("programs/suggestions/one-roster.toml").items():
        slugs = {role.slug: role for role in known(program).roles.values()}
        for suggested in by_role.values():
            assert set(suggested) <= set(slugs)
            assert all(Level.SCHOOL in slugs[slug].levels for slug in suggested)
            assert not any("coordinator" in slug for slug in suggested)


@pytest.mark.rule("students")
def test_classes_become_groups_with_hashed_students() -> None:
    set_of_files = files(orgs=ORGS, users=USERS_12, classes=CLASSES, enrollments=ENROLLMENTS)
    found = list(read_classes(set_of_files, known(student_key=hashed)))
    place = (OrganizationRef(Level.SCHOOL, SCHOOL),)
    assert [one for one in found if isinstance(one, GroupRow)] == [
        GroupRow(2, Action.ADD, place, "Room 5, blue", "2026-27", "", None, "tess@n.example"),
        GroupRow(3, Action.ADD, place, "Room 5, blue", "2026-27", "", hashed("1234567890"), ""),
    ]
    problems = [one for one in found if isinstance(one, RowProblem)]
    assert [(one.row, one.code) for one in problems] == [(4, "not-in-set"), (5, "not-in-set")]
    assert "1234567890" not in repr(problems)
    with pytest.raises(ValueError, match="hashes students"):
        list(read_classes(set_of_files, known()))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"users": USERS_11}, "no orgs.csv"),
        ({"orgs": ORGS}, "no users.csv"),
        ({"orgs": ORGS, "users": "sourcedId,email\n"}, "users.csv lacks the columns givenName, familyName"),
        ({"orgs": "", "users": USERS_11}, "orgs.csv: The file is empty"),
        ({"orgs": ORGS, "users": USERS_11 + '"'}, "users.csv: A quotation mark in row 4"),
        ({"orgs": "PK\x03\x04", "users": USERS_11}, "orgs.csv: This is a ZIP archive"),
    ],
)
def test_sets_that_can_not_be_read_are_refused_with_the_files_name(texts: dict[str, str], said: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        staff(**texts)
    assert said in refused.value.message
