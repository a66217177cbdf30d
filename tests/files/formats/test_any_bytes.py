"""Whatever the bytes are: rows, problems or a refusal, never anything else; and rows keep their numbers."""

import csv
import io
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.files.groups import GroupReader
from policy.files.reader import FileReader
from policy.files.rows import FileRefusedError, GroupRow, Row, RowProblem
from tests.files.formats.made import GOOD, HEADER, formats, hashed, known, lines, row

KNOWN = known(student_key=hashed)
HEADERS = [",".join(column.heading for column in form.columns) for form in formats().values()]
CELL = st.one_of(
    st.sampled_from(GOOD),
    st.text(st.sampled_from("aé=+-@'\"|,;\t\r\n 0123456789E.\u202e\u200bа\0＝"), max_size=12),
    st.text(max_size=8),
)
ROW = st.lists(CELL, max_size=9)


Outcome = Row | GroupRow | RowProblem | FileRefusedError


def outcome(reader: FileReader | GroupReader, data: bytes, cuts: list[int]) -> list[Outcome]:
    found: list[Outcome] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    try:
        for start, end in pairwise(edges):
            found.extend(reader.feed(data[start:end]))
        found.extend(reader.end())
    except FileRefusedError as refused:
        found.append(refused)
    assert all(line >= 1 for line in numbers(found))
    return found


def numbers(found: list[Outcome]) -> list[int]:
    rows = [one.number if isinstance(one, Row | GroupRow) else one.row for one in found]
    return [number for number in rows if number is not None]


def compared(one: Outcome) -> object:
    return (one.code, one.message, one.remedy) if isinstance(one, FileRefusedError) else one


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=3))
def test_any_bytes_are_read_or_refused(data: bytes, cuts: list[int]) -> None:
    for header in (b"", HEADER.encode() + b"\r\n"):
        outcome(FileReader(formats()["toms"], KNOWN), header + data, cuts)


@settings(max_examples=300)
@given(st.sampled_from(sorted(formats())), st.sampled_from(HEADERS), st.lists(ROW, max_size=5), st.data())
def test_any_table_is_read_or_refused_in_every_format(
    code: str, header: str, rows: list[list[str]], more: st.DataObject
) -> None:
    text = io.StringIO()
    text.write(header + "\r\n")
    csv.writer(text, escapechar="\\").writerows(rows)
    data = text.getvalue().encode(more.draw(st.sampled_from(["utf-8", "utf-16", "cp1252"])), "replace")
    form = formats()[code]
    maker = FileReader if form.subject == "users" else GroupReader
    cuts = more.draw(st.lists(st.integers(0, 400), max_size=4))
    whole = outcome(maker(form, KNOWN, None, formats().values()), data, [])
    pieces = outcome(maker(form, KNOWN, None, formats().values()), data, cuts)
    assert [compared(one) for one in pieces[-1:]] == [compared(one) for one in whole[-1:]]


@given(st.lists(st.sampled_from(["good", "broken", "blank", "commas"]), min_size=1, max_size=30))
def test_row_numbers_are_those_of_a_spreadsheet(kinds: list[str]) -> None:
    made = {"broken": row(last='"Al\n\n""d""er"'), "blank": "", "commas": ",,,,,"}
    data = lines(row(), *(made.get(kind, row(email=f"p{at}@n.example")) for at, kind in enumerate(kinds)))
    found = outcome(FileReader(formats()["toms"], KNOWN), data, [100, 200, 300])
    assert numbers(found) == [2, *(at for at, kind in enumerate(kinds, 3) if kind in ("good", "broken"))]
