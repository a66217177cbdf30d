"""Bad input in a directory file: one clear sentence that names row and column, with what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.directory_cells import CellRules
from policy.directory_file import read_directory
from policy.directory_rows import Funding, RowProblem, Superintendent
from policy.directory_tree import check_tree
from policy.facts import Level
from tests.directory.files import CHARTER, HEADER, LEA, OTHER_LEA, ROWS, SCHOOL, csv, one_row, text


def problems(data: bytes) -> tuple[RowProblem, ...]:
    read = read_directory(data)
    return read.problems or check_tree(read.rows, str.casefold)


def only(data: bytes) -> RowProblem:
    (found,) = problems(data)
    return found


def test_a_good_file_is_read() -> None:
    read = read_directory(csv())
    assert problems(csv()) == ()
    assert len(read.rows) == len(ROWS)
    assert [row.row for row in read.rows] == list(range(2, len(ROWS) + 2))
    assert read.rows[1].superintendent == Superintendent("Ana", "Ávila", "ana@alameda.org")
    assert read.rows[3].funding is Funding.DIRECT


def test_a_byte_order_mark_and_quoted_commas_are_fine() -> None:
    quoted = f'{LEA},"Alameda, City of",LEA,CA,,,,,Yes'
    read = read_directory(b"\xef\xbb\xbf" + one_row(quoted))
    assert read.problems == ()
    assert (read.rows[1].name, read.rows[1].level, read.rows[1].active) == ("Alameda, City of", Level.LEA, True)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (HEADER.encode(), "The file has a header and no rows."),
        (HEADER.replace(",", ";").encode(), "row 1: The columns are separated by semicolons."),
        (HEADER.replace(",", "\t").encode(), "row 1: The columns are separated by tabs."),
        (HEADER.replace("funding", "money").encode(), "row 1, column funding: The header has “money” here."),
        (HEADER.replace(",active", "").encode(), "row 1, column active: The header has nothing here."),
        ((HEADER + ",more").encode(), "row 1: The header has more columns."),
        ("code".encode("utf-16"), "The file is UTF-16 text."),
        (b"code\x00", "The file holds zero bytes"),
        (b"x" * 200_000, "The file is no CSV text"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(data: bytes, said: str) -> None:
    assert str(only(data)).startswith(said)
    assert read_directory(data).rows == ()


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_cp1252_bytes_are_named_with_row_and_column(bom: bytes) -> None:
    found = only(bom + text(ROWS.values()).encode("cp1252"))
    assert (found.row, found.column, found.value) == (3, "superintendent_last_name", "Á")
    assert "0xC1 isn't UTF-8" in found.message
    assert "CSV UTF-8" in found.remedy


@pytest.mark.parametrize(
    ("row", "column", "message", "remedy"),
    [
        ("1.2408E+12,A,lea,,,,,,yes", "code", "scientific notation", "Format the column as text"),
        ("1611190000000,A,lea,,,,,,yes", "code", "its leading zero is lost", "Write 01611190000000"),
        (f"{SCHOOL},A,school,1611190000000,,,,,yes", "parent", "its leading zero is lost", "Write 01611190000000"),
        ("1611190000000.0,A,lea,,,,,,yes", "code", "decimal places", "text"),
        ("01-61119-0000000,A,lea,,,,,,yes", "code", "is no CDS code", "14 digits"),
        ("٠١٦١١١٩٠٠٠٠٠٠٠,A,lea,,,,,,yes", "code", "is no CDS code", "14 digits"),
        (f"{SCHOOL},A,lea,,,,,,yes", "code", "is a school's code", "direct"),
        (f"{SCHOOL},A,lea,,local,,,,yes", "code", "is a school's code", "direct"),
        (f"{LEA},A,school,{OTHER_LEA},,,,,yes", "code", "is an LEA's code", "school's own"),
        (f"{LEA},,lea,,,,,,yes", "name", "The name is missing.", "Fill"),
        (f"{LEA},A,lea,,,,,,", "active", "The active is missing.", "Fill"),
        (f"{SCHOOL},A,school,,,,,,yes", "parent", "The parent is missing.", "Fill"),
        (f"{LEA},A,district,,,,,,yes", "level", "“district” is no level", "state, lea or school"),
        (f"{LEA},A,lea,,federal,,,,yes", "funding", "“federal” is no funding", "direct or local"),
        (f"{LEA},A,lea,,,,,,maybe", "active", "neither yes nor no", "yes or no"),
        (f"{LEA},=1+1,lea,,,,,,yes", "name", "holds a formula", "plain text"),
        (f"{LEA},@A,lea,,,,,,yes", "name", "holds a formula", "plain text"),
        (f'{LEA},"A\nB",lea,,,,,,yes', "name", "line break", "Remove"),
        (f"{LEA},{'A' * 201},lea,,,,,,yes", "name", "longer than 200", "Shorten"),
        (f"{LEA},A,lea,,,Ana,,ana@x.org,yes", "superintendent_last_name", "missing", "all three cells or none"),
        (f"{LEA},A,lea,,,Ana,Bell,,yes", "superintendent_email", "missing", "all three cells or none"),
        (f"{LEA},A,lea,,,Ana,Bell,ana at x.org,yes", "superintendent_email", "no e-mail address", "name@"),
        (f"{LEA},A,lea,,,Ana,Bell,ana@x,yes", "superintendent_email", "no e-mail address", "name@"),
        (f"{SCHOOL},A,school,{LEA},,A,B,a@b.org,yes", "superintendent_first_name", "is of an LEA", "empty"),
        (f"{LEA},A,lea,yes", "", "4 cells instead of 9", "quotation marks"),
    ],
)
def test_a_bad_cell_is_named_with_its_remedy(row: str, column: str, message: str, remedy: str) -> None:
    found = only(one_row(row))
    assert (found.row, found.column) == (3, column)
    assert message in found.message
    assert remedy in found.remedy
    assert str(found).startswith(f"row 3, column {column}: " if column else "row 3: ")


def test_s0_27_the_last_label_of_an_address() -> None:
    row = one_row(f"{LEA},A,lea,,,Ana,Bell,ana@x.photography,yes")
    assert read_directory(row).problems == ()
    (found,) = read_directory(row, CellRules(last_label_limit=10)).problems
    assert "S0-27" in found.message


def test_every_problem_is_listed_at_once() -> None:
    rows = ("1611190000000,,lea,,federal,,,,maybe", f"{LEA},=A,lea,,,,,,yes")
    assert [(one.row, one.column) for one in problems(text(rows).encode())] == [
        (2, "name"), (2, "code"), (2, "funding"), (2, "active"), (3, "name"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (f"{LEA},Again,lea,,,,,,yes", "code", "The LEA 01611190000000 is in row 3 already."),
        (f"{SCHOOL},Again,school,{LEA},,,,,yes", "code", f"The school {SCHOOL} is in row 6 already."),
        ("57726780000000,New,lea,99999990000000,,,,,yes", "parent", "isn't in the file"),
        ("57726786056000,New,school,57726780000000,,,,,yes", "parent", "isn't in the file"),
        (f"57726786056000,New,school,{SCHOOL},,,,,yes", "parent", f"The parent {SCHOOL} is a school."),
        (f"57726780000000,New,lea,{SCHOOL},,,,,yes", "parent", f"The LEA lies below the school {SCHOOL}."),
        (f"57726780000000,New,lea,{LEA},,,,,yes", "parent", f"The LEA lies below the LEA {LEA}."),
        ("57726780000000,New,lea,57726780000000,,,,,yes", "parent", "lead back to itself"),
        ("57726786056000,New,school,57726786056000,,,,,yes", "parent", "lead back to itself"),
        ("NV,Nevada,state,,,,,,yes", "level", "The state is in row 2 already."),
        (
            "57726780000000,New,lea,,,Ana,Bell,ANA@alameda.org,yes",
            "superintendent_email",
            "belongs to Ana Ávila in row 3",
        ),
    ],
)
def test_rows_that_do_not_fit_together(row: str, column: str, message: str) -> None:
    found = only(text((*ROWS.values(), row)).encode())
    assert (found.row, found.column) == (len(ROWS) + 2, column)
    assert message in found.message
    assert found.remedy


def test_a_cycle_of_two_leas_is_named_at_both() -> None:
    one, other = f"{LEA},One,lea,{OTHER_LEA},,,,,yes", f"{OTHER_LEA},Two,lea,{LEA},,,,,yes"
    found = problems(text((one, other)).encode())
    assert [(one.row, "lead back to itself" in one.message) for one in found] == [(2, True), (3, True)]


def test_an_active_school_in_a_closed_lea_is_refused() -> None:
    found = problems(csv(**{f"r{LEA}": f"{LEA},Alameda Unified,lea,,,,,,no"}))
    assert [one.column for one in found] == ["active", "active"]
    assert f"its LEA {LEA} (row 3) isn't" in found[0].message


def test_a_direct_funded_charter_shares_its_code_with_its_school() -> None:
    rows = {(row.level, row.code) for row in read_directory(csv()).rows}
    assert {(Level.LEA, CHARTER), (Level.SCHOOL, CHARTER)} <= rows


@given(st.binary(max_size=400))
def test_any_bytes_are_answered_with_sentences(data: bytes) -> None:
    for start in (b"", HEADER.encode() + b"\n"):
        found = read_directory(start + data)
        assert found.rows or found.problems
        assert all(one.message and one.remedy for one in found.problems)
