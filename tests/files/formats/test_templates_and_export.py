"""Templates, specifications (S0-43), and cells of reports that no spreadsheet calculates."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.files.export import csv_line, safe_cell, unprotected
from policy.files.headings import fits
from policy.files.templates import SPECIFICATION_HEADINGS, specification, specification_csv, template_csv
from tests.files.formats.made import GOOD, HEADER, formats, known, lines, read_all, rows_of


@pytest.mark.rule("S0-43", "files")
@pytest.mark.parametrize("code", sorted(formats()))
def test_s0_43_each_template_is_a_header_that_its_own_format_takes(code: str) -> None:
    (header,) = csv.reader(io.StringIO(template_csv(formats()[code])))
    assert fits(formats()[code], header)
    assert template_csv(formats()["toms"]) == HEADER + "\r\n"


@pytest.mark.rule("S0-43")
def test_s0_43_the_specification_says_length_need_and_values_of_each_column() -> None:
    table = specification(formats()["toms"], known())
    assert [one.column for one in table] == list("ABCDEF")
    assert all(one.required and one.max_length and one.example for one in table)
    assert "Educator - Test Site" in table[5].accepted
    old = specification(formats()["toms"], known(year="2017-18"))
    assert "Test Administrator & Test Examiner" in old[5].accepted
    assert "10 characters" in old[3].accepted[0]
    rows = list(csv.reader(io.StringIO(specification_csv(formats()["art"], known()))))
    assert tuple(rows[0]) == SPECIFICATION_HEADINGS
    assert len(rows) == 11
    assert rows[10][5] == "DELETE"


@pytest.mark.rule("S0-43")
def test_s0_43_the_examples_of_each_format_are_good() -> None:
    for code in ("toms", "art"):
        form = formats()[code]
        cells = csv_line(column.example for column in form.columns)
        items = read_all((template_csv(form) + cells).encode(), code)
        assert len(rows_of(items)) == 1, items


@pytest.mark.rule("files")
@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "'=1", "''+1", "＝1", "－1"])
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(cell: str) -> None:
    assert safe_cell(cell) == "'" + cell
    assert unprotected(safe_cell(cell)) == cell


@pytest.mark.rule("files")
@pytest.mark.parametrize("cell", ["", "a", "'a", "1-1", "O'Neil", " =", "'"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert safe_cell(cell) == unprotected(cell) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_every_exported_line_is_read_back_as_it_was(cells: list[str]) -> None:
    (back,) = csv.reader(io.StringIO(csv_line(cells), newline=""), strict=True)
    assert [unprotected(cell) for cell in back] == cells


@given(st.text())
def test_no_exported_cell_begins_as_a_formula(cell: str) -> None:
    assert not safe_cell(cell).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.rule("S0-37")
def test_s0_37_what_was_exported_is_taken_again() -> None:
    cells = [*GOOD[:4], "+1 916 555 0100", GOOD[5]]
    from policy.files.known import Judged

    data = (template_csv(formats()["toms"]) + csv_line(cells)).encode()
    (found,) = rows_of(read_all(data, about=known(judge_phone=Judged)))
    assert found.phone == "+1 916 555 0100"
    assert rows_of(read_all(lines(csv_line(GOOD).strip())))[0].raw == GOOD
