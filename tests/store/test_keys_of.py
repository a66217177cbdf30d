"""Keys of addresses and names: case, accents and blanks don't matter, and a key is its own key."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from store.keys_of import after_prefix, email_key, name_key, text_key

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40)


@given(texts)
def test_keys_are_idempotent(text: str) -> None:
    assert text_key(text_key(text)) == text_key(text)
    assert email_key(email_key(text)) == email_key(text)


@given(texts)
def test_a_name_matches_in_any_case_and_form(text: str) -> None:
    assert text_key(unicodedata.normalize("NFD", text)) == text_key(unicodedata.normalize("NFC", text))
    assert text_key(text.casefold()) == text_key(text)


@given(texts, texts)
def test_every_key_with_a_prefix_is_below_its_bound(prefix: str, rest: str) -> None:
    key = text_key(prefix)
    assert key <= key + text_key(rest).replace("\U0010ffff", "") < after_prefix(key) or rest.startswith("\U0010ffff")


def test_s0_27_the_same_address_written_differently() -> None:
    same = {"Ana.Bell@Example.ORG", " ana.bell@example.org ", "ana.bell@EXAMPLE.org", "ana.bell@example.org"}
    assert {email_key(one) for one in same} == {"ana.bell@example.org"}


def test_an_international_domain_is_compared_as_its_ascii_form() -> None:
    assert email_key("ana@bücher.example") == email_key("ANA@xn--bcher-kva.example")


def test_a_domain_that_idna_refuses_stays_comparable() -> None:
    assert email_key("ana@-é-.x") == email_key("ANA@-É-.X")


def test_names_sort_by_last_name_without_accents() -> None:
    assert name_key("Ávila", "  Ana  María ") == "avila ana maria"
    assert sorted(["Zuniga", "Ávila", "avila", "Bell"], key=lambda last: name_key(last, "")) == ["Ávila", "avila", "Bell", "Zuniga"]  # noqa: E501  # fmt: skip
