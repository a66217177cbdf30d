"""ART, TIDE and the groups of RDW: what their rows mean, read through the shipped format files."""

from typing import Any

import pytest

from policy.facts import Level
from policy.files.format import Mode
from policy.files.groups import GroupReader, read_groups
from policy.files.rows import Action, FileRefusedError, GroupRow, OrganizationRef, RowProblem
from tests.files.formats.made import formats, hashed, known, lines, problems_of, read_all, rows_of

pytestmark = pytest.mark.rule("files")
ART = "FirstName,LastOrSurname,ElectronicMailAddress,TelephoneNumber,Role,AssociatedEntityID,AssociatedEntityName,Level,StateAbbreviation,Delete"  # noqa: E501
SCHOOL = "19000010000017"


def art(*rows: str, **changes: Any) -> list[Any]:
    return read_all(lines(*rows, header=ART), "art", known(**changes))


def test_modes_and_meaning_of_the_shipped_formats() -> None:
    assert {code: (form.mode, form.writes) for code, form in formats().items()} == {
        "toms": (Mode.WHOLE, Action.REPLACE),
        "art": (Mode.WHOLE, Action.ADD),
        "tide-idaho-users": (Mode.ROW_WISE, Action.REPLACE),
        "tide-texas-users": (Mode.ROW_WISE, Action.REPLACE),
        "tide-idaho-rosters": (Mode.ROW_WISE, Action.ADD),
        "rdw-student-groups": (Mode.ROW_WISE, Action.ADD),
    }


def test_art_adds_a_role_and_delete_removes_one() -> None:
    added, deleted = rows_of(
        art(
            f"Jane,Alder,j@n.example,916-555-0100 x12,Test Administrator,{SCHOOL},Some School,INSTITUTION,CA,",
            f"Jane,Alder,j@n.example,916-555-0100 x12,Educator - Roster,{SCHOOL},,Institution,CA,delete",
        )
    )
    assert (added.action, added.organizations) == (Action.ADD, (OrganizationRef(Level.SCHOOL, SCHOOL),))
    assert added.phone == "916-555-0100 x12"
    assert added.others == (("state", "CA"),)
    assert deleted.action is Action.DELETE


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        (f"Jane,Alder,j@n.example,,Test Administrator,{SCHOOL},,GROUPOFDISTRICTS,CA,", "unknown-level", "Level"),
        (f"Jane,Alder,j@n.example,,Test Administrator,{SCHOOL},,SCHOOL,CA,", "not-accepted", "Level"),
        (f"Jane,Alder,j@n.example,,Test Administrator,{SCHOOL},,DISTRICT,CA,", "wrong-level", "AssociatedEntityID"),
        (f"Jane,Alder,j@n.example,,Test Administrator,{SCHOOL},,INSTITUTION,CA,yes", "not-accepted", "Delete"),
        (f"{'J' * 36},Alder,j@n.example,,Test Administrator,{SCHOOL},,INSTITUTION,CA,", "too-long", "FirstName"),
        (
            f"Jane,Alder,j@n.example,+44 20 7,Test Administrator,{SCHOOL},,INSTITUTION,,",
            "not-a-phone",
            "TelephoneNumber",
        ),
    ],
)
def test_art_faults_are_told_with_their_column(cells: str, code: str, column: str) -> None:
    (problem,) = problems_of(art(cells))
    assert (problem.code, problem.column) == (code, column)


def test_art_may_exchange_a_role_in_one_file() -> None:
    rows = (
        f"Jane,Alder,j@n.example,,Test Administrator,{SCHOOL},,INSTITUTION,CA,DELETE",
        f"Jane,Alder,j@n.example,,Educator - Roster,{SCHOOL},,INSTITUTION,CA,",
    )
    assert problems_of(art(*rows)) == problems_of(art(*rows[::-1])) == []
    assert [one.code for one in problems_of(art(rows[0], rows[0]))] == ["repeated-row"]


TEXAS = "Regional Center ID,District ID,Campus ID,FirstName,LastName,Email Address,User Role,Phone Number,Texas Unique Staff ID,Action"  # noqa: E501


def texas(*rows: str) -> list[Any]:
    return read_all(lines(*rows, header=TEXAS), "tide-texas-users", known("isat"))


def test_texas_columns_place_the_role_at_the_campus_else_at_the_district() -> None:
    at_campus, at_district = rows_of(
        texas(
            "10,057905,057905001,Jane,Alder,j@n.example,PR,512-555-0100,12345,Add",
            "10,057905,,Ann,Birch,a@n.example,DTC,,,Add",
        )
    )
    assert at_campus.organizations == (OrganizationRef(Level.LEA, "057905"), OrganizationRef(Level.SCHOOL, "057905001"))
    assert at_campus.others == (("staff-id", "12345"),)
    assert at_district.organizations == (OrganizationRef(Level.LEA, "057905"),)
    assert {at_campus.action, at_district.action} == {Action.REPLACE}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("10,57905,057905001,J,A,j@n.example,PR,,,Add", "lost-leading-zero"),
        ("10,057905,57905001,J,A,j@n.example,PR,,,Add", "lost-leading-zero"),
        ("10,0579051,,J,A,j@n.example,DTC,,,Add", "wrong-length"),
        ("10,057905,,J,A,j@n.example,PR,,,Add", "wrong-level"),
        ("10,057905,057905001,J,A,j@n.example,DTC,,,Add", "wrong-level"),
        ("10,057905,057905001,J,A,j@n.example,TE,,,Add", "unknown-role"),
        ("10,057905,057905001,J,A,j@n.example,PR,,,Modify", "not-accepted"),
        ("10,057905,057905001,J,A,j@n.example,PR,,,", "missing"),
        ("10,057905,057905001,J,A,j@n.example,PR,,1.2E+09,Add", "scientific-notation"),
    ],
)
def test_texas_rows_with_errors_are_left_out_and_the_others_follow(cells: str, code: str) -> None:
    items = texas(cells, "10,057905,,Ann,Birch,a@n.example,DTC,,,Delete")
    assert [one.code for one in problems_of(items)] == [code]
    assert [(one.number, one.action) for one in rows_of(items)] == [(3, Action.DELETE)]


def test_a_number_of_ten_digits_is_written_as_the_format_wants_it() -> None:
    (found,) = rows_of(texas("10,057905,,Ann,Birch,a@n.example,DTC,(512) 555.0100,,Add"))
    assert found.phone == "512-555-0100"


def test_idaho_takes_its_own_codes_and_those_of_the_directory() -> None:
    header = ",".join(column.heading for column in formats()["tide-idaho-users"].columns)
    rows = ("001,0123,J,A,j@n.example,PR,,Add", f"16000010000000,{SCHOOL},J,A,j@n.example,Proctor,,Add")
    items = read_all(lines(*rows, header=header), "tide-idaho-users", known("isat"))
    assert [[ref.code for ref in one.organizations] for one in rows_of(items)] == [
        ["001", "0123"],
        ["16000010000000", SCHOOL],
    ]


RDW = "group_name,school_natural_id,school_year,subject_code,student_ssid,group_user_login"


def groups(*rows: str, form: str = "rdw-student-groups", header: str = RDW) -> list[GroupRow | RowProblem]:
    about = known("isat" if form != "rdw-student-groups" else "caaspp", student_key=hashed)
    return list(read_groups(formats()[form], about, [lines(*rows, header=header)], None, formats().values()))


@pytest.mark.rule("students")
def test_groups_have_students_as_keyed_hashes_only() -> None:
    first, second, third = groups(
        f'"Room 5, blue",{SCHOOL},2027,Math,1234567890,jane@n.example',
        f'"Room 5, blue",{SCHOOL},2027,Math,1234567891,',
        f'"Room 5, blue",{SCHOOL},2027,Math,,ann@n.example',
    )
    assert first == GroupRow(
        2, Action.ADD, (OrganizationRef(Level.SCHOOL, SCHOOL),), "Room 5, blue", "2026-27", "Math",
        hashed("1234567890"), "jane@n.example",
    )  # fmt: skip
    assert isinstance(second, GroupRow)
    assert isinstance(third, GroupRow)
    assert (second.student, second.login) == (hashed("1234567891"), "")
    assert (third.student, third.login) == (None, "ann@n.example")


@pytest.mark.rule("students")
@pytest.mark.parametrize("number", ["12345678E+3", "1.23456789E+09", "123456 7890", "=1234567890", "1234567890.0",
                                    '"1234567890" 1', "1234567890,1,1", "1234567890" * 7])  # fmt: skip
def test_a_students_number_is_in_no_problem(number: str) -> None:
    (problem,) = groups(f"Room 5,{SCHOOL},2027,Math,{number},jane@n.example")
    assert isinstance(problem, RowProblem)
    assert "123456" not in repr(problem)
    assert "1.23456" not in repr(problem)


@pytest.mark.rule("students")
@pytest.mark.parametrize("first", ["Room 5,19000010000017,2027,Math,1234567890,j@n.example", "a,b,c,d,A1234567890X,e"])
def test_a_students_number_is_in_no_refusal_of_a_file_without_header(first: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        groups(header=first)
    assert "1234567890" not in str(refused.value)


@pytest.mark.rule("students")
def test_groups_are_not_read_without_a_function_that_hashes_students() -> None:
    with pytest.raises(ValueError, match="hashes students"):
        GroupReader(formats()["rdw-student-groups"], known())


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (f"Room 5,{SCHOOL},27,Math,1,", "not-a-year"),
        (f"Room 5,{SCHOOL},2027,Art,1,", "not-accepted"),
        (f"Room|5,{SCHOOL},2027,Math,1,", "pipe"),
        (f",{SCHOOL},2027,Math,1,", "missing"),
        ("Room 5,,2027,Math,1,", "missing"),
        (f"Room 5,{SCHOOL},2027,Math,,", "missing"),
        (f"Room 5,{SCHOOL},2027,Math,1,jane", "not-an-address"),
    ],
)
def test_faults_of_groups(cells: str, code: str) -> None:
    items = groups(cells, f"Room 6,{SCHOOL},2027,,1,")
    assert [one.code for one in items if isinstance(one, RowProblem)] == [code]
    assert [one.number for one in items if isinstance(one, GroupRow)] == [3]


def test_a_membership_twice_is_told() -> None:
    cells = f"Room 5,{SCHOOL},2027,Math,1,j@n.example"
    assert [one.code for one in groups(cells, cells) if isinstance(one, RowProblem)] == ["repeated-row"]


def test_columns_of_groups_may_stand_in_any_order() -> None:
    (found,) = groups(f"1,2027,Room 5,{SCHOOL}", header="student_ssid,school_year,group_name,school_natural_id")
    assert isinstance(found, GroupRow)
    assert (found.group_name, found.login, found.subject) == ("Room 5", "", "")


@pytest.mark.rule("students")
def test_rosters_of_tide_are_groups_of_a_teacher() -> None:
    header = "District ID,School ID,Email Address,Roster Name,EDUID,Action"
    added, deleted = groups(
        "001,0123,t@n.example,Room 5,012345678,Add",
        "001,,t@n.example,Room 5,012345678,Delete",
        form="tide-idaho-rosters",
        header=header,
    )
    assert isinstance(added, GroupRow)
    assert isinstance(deleted, GroupRow)
    assert (added.action, added.student, added.school_year) == (Action.ADD, hashed("012345678"), "")
    assert (deleted.action, deleted.organizations) == (Action.DELETE, (OrganizationRef(Level.LEA, "001"),))
    (problem,) = groups("001,0123,t@n.example,Room 5,12345678,Add", form="tide-idaho-rosters", header=header)
    assert isinstance(problem, RowProblem)
    assert (problem.code, problem.value) == ("lost-leading-zero", "")
