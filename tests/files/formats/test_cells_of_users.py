"""Names, addresses and numbers in files of users: what is cleaned, refused or flagged."""

import pytest

from policy.files.known import Judged
from policy.files.rows import Severity
from tests.files.formats.made import known, lines, only_problem, problems_of, read_all, row, rows_of

pytestmark = pytest.mark.rule("files")


def cleaned(**cells: str) -> tuple[str, str, str, str]:
    (found,) = rows_of(read_all(lines(row(**cells))))
    return found.first_name, found.last_name, found.email, found.phone


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("  Jane ", "Jane"),
        ("\u00a0Jane\u3000", "Jane"),
        ("Mary  Jane", "Mary Jane"),
        ("Jose\u0301", "José"),
        ("O’Neil", "O’Neil"),
        ("D'Arcy", "D'Arcy"),
        ("J. R.", "J. R."),
        ("Nguyễn", "Nguyễn"),
        ("李 小龍", "李 小龍"),
        ("Χαρά", "Χαρά"),
        ("שרה", "שרה"),
        ("X Æ A-12", "X Æ A-12"),
        ("Martin Luther King Jr. III", "Martin Luther King Jr. III"),
    ],
)
def test_names_of_every_script_are_kept_and_blanks_cleaned(cell: str, name: str) -> None:
    assert cleaned(last=cell)[1] == name


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("=HYPERLINK(1)", "formula"),
        ("+Jane", "formula"),
        ("-Jane", "formula"),
        ("@Jane", "formula"),
        ("=cmd|' /C calc'!A0", "formula"),
        ("＝1+1", "formula"),
        ("Ja|ne", "pipe"),
        ("a@b.example", "not-a-name"),
        ("...", "not-a-name"),
        ("Jane\u202e", "invisible-character"),
        ("Ja\u200bne", "invisible-character"),
        ("Ja\u00adne", "invisible-character"),
        ("\ufeffJane", "invisible-character"),
        ("Ja\x07ne", "invisible-character"),
        ("Jos\ufffd", "lost-character"),
        ("Jos‡", "symbol"),
        ("Jane ☺", "symbol"),
        ("Jane<b>", "symbol"),
        ("J" * 51, "too-long"),
        ('"Ja\nne"', "line-break"),
        ('"Ja\tne"', "line-break"),
        ('"Ja\u2028ne"', "line-break"),
    ],
)
def test_cells_that_no_name_has_are_refused(cell: str, code: str) -> None:
    assert only_problem(first=cell).code == code


def test_a_right_to_left_mark_is_told_as_turning_the_text() -> None:
    assert "direction" in only_problem(first="Ja\u202ene").message


def test_a_name_that_mixes_alphabets_is_flagged_and_kept() -> None:
    warning, found = read_all(lines(row(last="Аlder")))  # its first letter is Cyrillic
    assert problems_of([warning])[0].code == "mixed-alphabets"
    assert len(rows_of([found])) == 1


@pytest.mark.parametrize(
    "address",
    [
        "jane@north.example",
        "Jane.Alder@North.EXAMPLE",
        "j_a-b'c@n.example",
        "jane+test@north.example",
        "1@a.b.c.example",
    ],
)
def test_plain_addresses_are_kept_as_written(address: str) -> None:
    assert cleaned(email=address)[2] == address


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("jane", "not-an-address"),
        ("jane@north", "not-an-address"),
        ("@north.example", "formula"),
        ("jane@@north.example", "not-an-address"),
        ("jane@north..example", "not-an-address"),
        (".jane@north.example", "not-an-address"),
        ("ja..ne@north.example", "not-an-address"),
        ("jane@-north.example", "not-an-address"),
        ("jane@127.0.0.1", "not-an-address"),
        ("jane alder@north.example", "not-an-address"),
        ("a@b.example;c@d.example", "not-an-address"),
        ('"a@b.example,c@d.example"', "not-an-address"),
        ("Jane <jane@north.example>", "not-an-address"),
        ("mailto:jane@north.example", "not-an-address"),
        ("ja|ne@north.example", "not-an-address"),
        ("j" * 65 + "@north.example", "not-an-address"),
        ("j" * 60 + "@" + "north." * 40 + "example", "too-long"),
        ("jаne@north.example", "look-alike"),
        ("jane@nоrth.example", "look-alike"),
        ("jane@north.exаmple", "look-alike"),
        ("ｊane@north.example", "look-alike"),
        ("jane＠north.example", "not-an-address"),
        ("сара@north.example", "look-alike"),
        ("jane@соса.example", "look-alike"),
        ("jane@xn--80aa0cbo.example", "look-alike"),
        ("jane@xn--nrth-55d.example", "look-alike"),
        ("ja\u200bne@north.example", "invisible-character"),
    ],
)
def test_addresses_that_are_none_or_look_like_another_are_refused(address: str, code: str) -> None:
    assert only_problem(email=address).code == code


def test_a_look_alike_is_told_with_the_letter_that_is_meant() -> None:
    assert "cyrillic small letter a" in only_problem(email="jаne@north.example").message
    assert only_problem(email="ｊane@north.example").suggestion == "jane@north.example"


def test_odd_addresses_are_asked_about_and_plain_ones_are_not() -> None:
    asked: list[str] = []

    def judge(address: str) -> Judged:
        asked.append(address)
        return Judged(address, "" if "!" in address else "The domain doesn't exist.")

    about = known(judge_email=judge)
    items = read_all(lines(row(), row(email="a!b@north.example"), row(email="a@münchen.example")), about=about)
    assert asked == ["a!b@north.example", "a@münchen.example"]
    assert [one.number for one in rows_of(items)] == [2, 3]
    assert problems_of(items)[0].message == "The domain doesn't exist."
    assert only_problem(email="a!b@north.example").code == "not-an-address"


@pytest.mark.parametrize(
    "number", ["916-555-0100", "(916) 555-0100", "(916)555-0100", "916.555.0100", "9165550100", "916 555 0100 x12"]
)
def test_usual_numbers_are_kept_as_written(number: str) -> None:
    assert cleaned(phone=number)[3] == number


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("9.16555E+09", "scientific-notation"),
        ("555-0100", "not-a-phone"),
        ("=916", "formula"),
        ("-9165550100", "formula"),
        ("call me", "not-a-phone"),
        ("116-555-0100", "not-a-phone"),
    ],
)
def test_numbers_that_are_none_are_refused(number: str, code: str) -> None:
    assert only_problem(phone=number).code == code


def test_odd_numbers_are_asked_about_and_a_leading_plus_is_no_formula() -> None:
    asked: list[str] = []

    def judge(number: str) -> Judged:
        asked.append(number)
        return Judged("+1 916 555 0100")

    items = read_all(lines(row(phone="+1 (916) 555-0100"), row(email="b@x.example")), about=known(judge_phone=judge))
    assert asked == ["+1 (916) 555-0100"]
    assert rows_of(items)[0].phone == "+1 916 555 0100"


def test_a_formula_is_refused_in_every_column() -> None:
    for column in ("first", "last", "code", "email", "role"):
        assert only_problem(**{column: "=1+1"}).code == "formula"


def test_long_values_are_cut_in_problems() -> None:
    assert len(only_problem(first="J" * 5000).value) < 100


def test_warnings_alone_keep_the_row() -> None:
    items = read_all(lines(row(role="Test Administrator & Test Examiner")))
    assert [one.severity for one in problems_of(items)] == [Severity.WARNING]
    assert len(rows_of(items)) == 1
