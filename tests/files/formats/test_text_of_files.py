"""Bytes of files: encodings, line ends, quotation marks, wrong kinds, limits; row numbers as in a spreadsheet."""

import codecs
import gzip
import io
import zipfile

import pytest

from policy.files.reader import FileLimits, FileReader
from policy.files.rows import FileRefusedError, Item, Severity
from tests.files.formats.made import HEADER, formats, known, lines, problems_of, read_all, row, rows_of

pytestmark = pytest.mark.rule("files")
TEXT = "\r\n".join((HEADER, row(first="José", last="Núñez-O’Neil"), ""))


def refused(data: bytes, limits: FileLimits | None = None) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        read_all(data, limits=limits)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16-be", "utf-16-le without mark", "utf-16-be without mark"],
)
def test_unicode_is_read_in_each_form(data: bytes) -> None:
    (found,) = read_all(data)
    assert rows_of([found])[0].first_name == "José"
    assert rows_of([found])[0].last_name == "Núñez-O’Neil"


def test_windows_1252_is_read_with_a_warning_that_shows_a_word_to_check() -> None:
    plain = [row(email=f"p{number}@north.example") for number in range(3000)]
    data = "\r\n".join((HEADER, *plain, row(first="José", last="Núñez-O’Neil"), "")).encode("cp1252")
    items = read_all(data)
    (warning,) = problems_of(items)
    assert (warning.code, warning.severity, warning.value) == ("windows-1252", Severity.WARNING, "José")
    assert "UTF-8" in warning.remedy
    assert rows_of(items)[-1].last_name == "Núñez-O’Neil"
    assert len(rows_of(items)) == 3001


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (TEXT.encode() + row(first="Jos\u00e9").encode("cp1252"), "mixed-encodings"),
        (lines(row()) + b"\x81\x8d", "unknown-encoding"),
        (lines(row()).replace(b"Jane", b"Ja\0ne"), "zero-bytes"),
        (b"\0\1\2\3" * 100, "zero-bytes"),
        (TEXT.encode("utf-16") + b"\x00", "mixed-encodings"),
        (TEXT.encode("utf-32"), "not-csv"),
    ],
)
def test_broken_text_is_refused(data: bytes, code: str) -> None:
    assert refused(data).code == code


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_line_end_is_read(end: str) -> None:
    data = end.join((HEADER, row(), row(email="b@north.example"))).encode()
    assert [one.number for one in rows_of(read_all(data))] == [2, 3]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_are_read_where_the_header_has_them(separator: str) -> None:
    data = f"{HEADER}\r\n{row()}".replace(",", separator).encode()
    assert len(rows_of(read_all(data))) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 4096])
def test_chunks_may_end_anywhere(size: int) -> None:
    text = "\r\n".join(
        (HEADER, row(first='"Jo\u00e9 ""J"""'), row(last='"Al\r\nder"', email="b@x.example"), row(email="c@x.example"))
    )
    for data in (text.encode(), codecs.BOM_UTF8 + text.encode(), text.encode("utf-16"), text.encode("cp1252")):
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        assert read_all(pieces) == read_all(data)


def test_row_numbers_count_as_a_spreadsheet_does() -> None:
    data = lines(
        row(email="a@x.example"),
        "",
        ",,,,,",
        row(last='"Al\r\nder"', email="b@x.example"),
        row(email="c@x.example"),
    )
    items = read_all(data)
    assert [one.number for one in rows_of(items)] == [2, 6]
    assert [(one.row, one.code, one.column) for one in problems_of(items)] == [(5, "line-break", "Last Name")]


def test_empty_lines_before_the_header_count() -> None:
    (found,) = rows_of(read_all(b"\r\n\r\n" + lines(row())))
    assert found.number == 4


def test_a_quotation_mark_that_never_closes_refuses_the_file_at_its_row() -> None:
    for more in (0, 5, 5000):
        rows = [row(email=f"p{number}@x.example") for number in range(more)]
        error = refused(lines(row(), row(first='"Jane'), *rows))
        assert (error.code, error.row) == ("unbalanced-quotes", 3)


def test_a_quotation_mark_that_swallows_rows_refuses_the_file() -> None:
    error = refused(lines(row(), row(first='"Jane'), row(email="b@x.example"), row(first='"O"', email="c@x.example")))
    assert (error.code, error.row) == ("unbalanced-quotes", 3)


def test_a_stray_quotation_mark_is_a_problem_of_its_row_only() -> None:
    items = read_all(lines(row(), row(first='"Jane" J'), row(email="c@x.example")))
    assert [(one.row, one.code) for one in problems_of(items)] == [(3, "stray-quote")]
    assert [one.number for one in rows_of(items)] == [2, 4]


def test_quotation_marks_inside_a_name_are_kept() -> None:
    first, second = rows_of(
        read_all(lines(row(first='"Robert ""Bob"""'), row(first='Robert "Bob"', email="b@x.example")))
    )
    assert first.first_name == second.first_name == 'Robert "Bob"'


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 50)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook"),
        (zipped("users.csv"), "ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel workbook"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (gzip.compress(lines(row())), "gzip"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"<!DOCTYPE html><html><title>Sign in</title>", "web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Users/>", "XML"),
        (b'[{"email": "a@b.example"}]', "JSON"),
        (b"{\\rtf1\\ansi", "rich text"),
    ],
)  # fmt: skip
def test_other_kinds_of_files_are_told_as_what_they_are(data: bytes, what: str) -> None:
    error = refused(data)
    assert error.code == "not-csv"
    assert what in error.message


def test_a_file_over_the_limits_is_refused_before_it_is_kept() -> None:
    assert refused(lines(row()), FileLimits(size=50)).code == "too-large"
    three = lines(*(row(email=f"p{number}@x.example") for number in range(3)))
    assert len(read_all(three, limits=FileLimits(rows=3))) == 3
    assert refused(three, FileLimits(rows=2)).code == "too-many-rows"
    assert refused(HEADER.encode() + b"\r\n" + b"x" * 300_000).code == "line-too-long"


def test_a_reader_gives_rows_as_soon_as_they_are_complete() -> None:
    reader = FileReader(formats()["toms"], known())
    data = lines(*(row(email=f"p{number}@x.example") for number in range(100)))
    found: list[Item] = reader.feed(data[:5000])
    assert 40 < len(found) < 100
    found += reader.feed(data[5000:])
    found += reader.end()
    assert [one.number for one in rows_of(found)] == list(range(2, 102))
