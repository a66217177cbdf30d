"""A typed signature is compared with the name forgivingly, and with nobody else's."""

import pytest

from policy.signatures import is_signature_of


@pytest.mark.rule("access")
@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("Pat Doe", "Pat", "Doe"),
        ("  pat   DOE ", "Pat", "Doe"),
        ("Doe, Pat", "Pat", "Doe"),
        ("Pat Q. Doe", "Pat", "Doe"),
        ("Doe, Pat Quinn", "Pat", "Doe"),
        ("Jose Nunez", "José", "Núñez"),
        ("José Núñez", "Jose", "Nunez"),
        ("Mary Ann Smith Jones", "Mary-Ann", "Smith-Jones"),
        ("MaryAnn SmithJones", "Mary-Ann", "Smith Jones"),
        ("Sean OBrien", "Sean", "O’Brien"),
        ("Sean O'Brien", "Sean", "O’Brien"),
        ("Weiß Anna", "Anna", "Weiss"),
        ("李 小龙", "小龙", "李"),
        ("李小龙", "小龙", "李"),
        ("Madonna", "", "Madonna"),
        ("Pat\u200b Doe", "Pat", "Doe"),
    ],
)
def test_the_name_in_another_form_is_the_name(typed: str, first: str, last: str) -> None:
    assert is_signature_of(typed, first, last)


@pytest.mark.rule("access")
@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("", "Pat", "Doe"),
        (" .,- ", "Pat", "Doe"),
        ("Pat", "Pat", "Doe"),
        ("Doe", "Pat", "Doe"),
        ("P. Doe", "Pat", "Doe"),
        ("Patrick Doe", "Pat", "Doe"),
        ("Pat Doering", "Pat", "Doe"),
        ("Sam Doe", "Pat", "Doe"),
        ("Doe Sam Pat Lee", "Pat", "Doe"),
        ("", "", ""),
        ("-", "-", "-"),
    ],
)
def test_another_name_is_not(typed: str, first: str, last: str) -> None:
    assert not is_signature_of(typed, first, last)
