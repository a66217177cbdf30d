"""TOMS user uploads: columns A–F, and what is done about each cell (S0-37 to S0-48)."""

from dataclasses import replace

import pytest

from policy.facts import Level
from policy.files.rows import Action, FileRefusedError, OrganizationRef, Row, Severity
from tests.files.formats.made import (
    COLUMNS,
    GOOD,
    HEADER,
    formats,
    known,
    lines,
    only_problem,
    problems_of,
    read_all,
    row,
    rows_of,
)


@pytest.mark.rule("S0-39", "S0-43")
def test_s0_39_a_good_row_replaces_the_role_at_the_organization() -> None:
    assert read_all(lines(row())) == [
        Row(
            number=2,
            action=Action.REPLACE,
            email="jane.alder@north.example",
            first_name="Jane",
            last_name="Alder",
            phone="916-555-0100",
            role=known().roles["test administrator"].slug,
            role_label="Test Administrator",
            organizations=(OrganizationRef(Level.SCHOOL, "19000010000017"),),
            others=(),
            raw=GOOD,
        )
    ]


@pytest.mark.rule("S0-45")
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("empty", ["", "  ", "\u00a0"])
def test_s0_45_every_field_of_columns_a_to_f_is_needed(column: str, empty: str) -> None:
    problem = only_problem(**{column: empty})
    assert (problem.code, problem.rule) == ("missing", "S0-45")
    assert problem.column == HEADER.split(",")[COLUMNS.index(column)]


@pytest.mark.rule("S0-45")
def test_s0_45_all_faults_of_a_row_are_told_at_once() -> None:
    problems = problems_of(read_all(lines(",,,,,", row(first="", code="12", email="x", phone="1", role="Boss"))))
    assert [one.code for one in problems] == ["missing", "not-a-code", "not-an-address", "not-a-phone", "unknown-role"]
    assert {one.row for one in problems} == {3}


@pytest.mark.rule("S0-46", "files")
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.90000E+13", "scientific-notation"),
        ("1.2408E+12", "scientific-notation"),
        ('"1,9E+13"', "scientific-notation"),
        ("19000010000017.0", "decimal-places"),
        ("9000010000017", "lost-leading-zero"),
        ("00000000000000", "placeholder"),
        ("0000000000000000", "not-a-code"),
        ("19-00001-0000017", "code-signs"),
        ("19 00001 0000017", "code-signs"),
        ("Alder School", "not-a-code"),
        ("١٩٠٠٠٠١٠٠٠٠٠١٧", "not-a-code"),
    ],
)
def test_s0_46_what_spreadsheets_do_to_codes(cell: str, code: str) -> None:
    assert only_problem(code=cell).code == code


@pytest.mark.rule("S0-46", "files")
def test_s0_46_the_padded_code_is_shown_only_where_it_exists_within_reach() -> None:
    data = lines(row(code="1611190000009"), row(code="1611190000010", email="b@north.example"))
    reached = known(code_in_reach="01611190000009".__eq__)
    first, second = problems_of(read_all(data, about=reached))
    assert first.suggestion == "01611190000009"
    assert "01611190000009" in first.remedy
    assert second.suggestion == ""
    assert "0161119" not in second.message + second.remedy


@pytest.mark.rule("S0-27")
def test_s0_27_the_last_label_of_an_address_has_ten_characters_at_most() -> None:
    old = replace(known(), last_label_limit=10)
    good = read_all(lines(row(email="a@north.abcdefghij")), about=old)
    (problem,) = problems_of(read_all(lines(row(email="a@north.abcdefghijk")), about=old))
    assert len(rows_of(good)) == 1
    assert (problem.code, problem.rule) == ("long-ending", "S0-27")
    assert rows_of(read_all(lines(row(email="a@north.abcdefghijk")), about=replace(known(), last_label_limit=None)))


@pytest.mark.rule("S0-47")
def test_s0_47_a_comma_outside_of_quotation_marks_is_told_as_such() -> None:
    problem = only_problem(last="Alder, Jr.")
    assert (problem.code, problem.rule) == ("too-many-cells", "S0-47")
    assert "7 cells" in problem.message


@pytest.mark.rule("S0-47")
def test_s0_47_a_quoted_comma_is_part_of_the_name() -> None:
    (found,) = rows_of(read_all(lines(row(last='"Alder, Jr."'))))
    assert found.last_name == "Alder, Jr."


@pytest.mark.rule("S0-45")
def test_a_row_with_too_few_cells_is_an_error() -> None:
    (problem,) = problems_of(read_all(lines("Jane,Alder,19000010000017,jane@north.example")))
    assert (problem.code, problem.rule) == ("too-few-cells", "S0-45")


@pytest.mark.parametrize(
    "label",
    [
        "Educator - Test Site",
        "Educator – Test Site",
        "Educator -Test Site",
        "Educator—Test Site",
        "educator - test site",
        "Educator  -  Test Site",
        "Educator − Test Site",
        "Educator ‑ Test Site",
    ],
)
def test_labels_of_roles_may_differ_in_dashes_blanks_and_capitals(label: str) -> None:
    (found,) = rows_of(read_all(lines(row(role=label))))
    assert found.role == known().roles["educator-test site"].slug
    assert found.role_label.replace("  ", " ") == found.role_label


def test_an_unknown_role_is_told_with_the_nearest_and_all_accepted() -> None:
    problem = only_problem(role="Test Adminstrator")
    assert problem.code == "unknown-role"
    assert problem.suggestion == "CAASPP Test Administrator"
    assert "Educator - Roster" in problem.remedy


@pytest.mark.rule("files")
def test_a_role_of_another_year_is_told_with_its_year() -> None:
    this = known()
    then = replace(this, roles={}, earlier_roles={"test administrator": "2017-18"})
    (problem,) = problems_of(read_all(lines(row()), about=then))
    assert problem.code == "earlier-role"
    assert "2017-18" in problem.message


@pytest.mark.rule("files")
def test_the_combined_role_of_2017_18_is_read_as_test_examiner_with_a_warning() -> None:
    warning, found = read_all(lines(row(role="Test Administrator & Test Examiner")))
    assert isinstance(found, Row)
    assert found.role == known().roles["test examiner"].slug
    assert not isinstance(warning, Row)
    assert (warning.code, warning.severity) == ("changed-role", Severity.WARNING)


@pytest.mark.rule("S0-29")
def test_s0_29_a_school_role_at_a_district_code_is_refused() -> None:
    problem = only_problem(code="19000010000000")
    assert (problem.code, problem.rule) == ("wrong-level", "S0-29")


def test_the_level_follows_from_role_and_code() -> None:
    items = read_all(
        lines(
            row(code="19000010000000", role="Educator - District", email="a@north.example"),
            row(code="19000010000000", role="Tools for Teachers Only", email="b@north.example"),
            row(code="19000010000017", role="Tools for Teachers Only", email="c@north.example"),
            row(code="19000010000017", role="Educator - District", email="d@north.example"),
        )
    )
    levels = [one.organizations[-1].level for one in rows_of(items)]
    assert levels == [Level.LEA, Level.LEA, None, Level.LEA]  # a charter of its own may share its school's code


@pytest.mark.rule("S0-37", "S0-44")
def test_s0_37_last_years_list_with_more_columns_behind_a_to_f_is_taken() -> None:
    data = lines(row() + ",2025-26,Active", header=HEADER + ",School Year,Status")
    (found,) = rows_of(read_all(data))
    assert found.raw == (*GOOD, "2025-26", "Active")


@pytest.mark.rule("files")
def test_an_earlier_template_is_refused_with_the_difference() -> None:
    header = "Action,Username,State Code,First,Last,Authorized Organizations,Roles,Active Begin Date"
    with pytest.raises(FileRefusedError) as refused:
        read_all(lines("C,a@b.example,CA,A,B,19000010000017,TA,2015-01-01", header=header))
    assert refused.value.code == "earlier-template"
    assert "CDS Code" in refused.value.message
    assert "Authorized Organizations" in refused.value.message


@pytest.mark.parametrize(
    ("header", "code", "said"),
    [
        ("First Name,Last Name,CDS,E-mail,Phone", "wrong-headings", "Role in Organization"),
        (f"Last Name,First Name,{HEADER[21:]}", "wrong-headings", "Column A"),
        (HEADER.replace("Telephone Number", "Telefone"), "wrong-headings", "is “Telefone” meant"),
        (",".join(GOOD), "no-headings", "data"),
        ("SSID,Grade,Test", "wrong-file", "SSID"),
        (",".join(f"c{number}" for number in range(101)), "too-many-columns", "101"),
    ],
)
def test_other_headings_are_refused_with_what_is_wrong(header: str, code: str, said: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read_all(lines(row(), header=header))
    assert refused.value.code == code
    assert said in str(refused.value)


@pytest.mark.parametrize("code", [code for code in formats() if code != "toms"])
def test_a_file_of_another_format_is_told_as_that(code: str) -> None:
    header = ",".join(column.heading for column in formats()[code].columns)
    with pytest.raises(FileRefusedError, match="looks like") as refused:
        read_all(lines("x", header=header))
    assert refused.value.code == "wrong-file"
    assert formats()[code].label in refused.value.message


@pytest.mark.parametrize(
    "header", [HEADER.upper(), HEADER.replace(" ", "_"), HEADER.replace(",", " *,"), HEADER + ",,"]
)
def test_headings_may_differ_in_capitals_blanks_and_marks(header: str) -> None:
    assert len(rows_of(read_all(lines(row(), header=header)))) == 1


def test_a_file_without_rows_or_text_is_refused() -> None:
    for data, code in ((lines(), "no-rows"), (b"", "empty"), (b"\r\n\r\n", "empty"), (lines(",,,,,", ""), "no-rows")):
        with pytest.raises(FileRefusedError) as refused:
            read_all(data)
        assert refused.value.code == code
