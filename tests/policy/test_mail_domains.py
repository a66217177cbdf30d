"""Domains that can be an LEA's own, and those that overlap or look alike (district identity providers, S1-03)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.mail_domains import domain_fault, looks_like, overlaps
from store.registration import domain_key

labels = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=2, max_size=8).filter(lambda one: one[0].isalpha())
domains = st.lists(labels, min_size=2, max_size=4).map(lambda parts: ".".join([*parts, "example"]))


@pytest.mark.checklist(51)
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("valley.k12.ca.us", None),
        ("VUSD.org", None),
        ("@vusd.org", None),
        ("schüler.example", None),
        ("valley.onmicrosoft.com", None),
        ("gmail.com", "PUBLIC_DOMAIN"),
        ("Outlook.COM", "PUBLIC_DOMAIN"),
        ("k12.ca.us", "SHARED_DOMAIN"),
        ("ca.us", "SHARED_DOMAIN"),
        ("onmicrosoft.com", "SHARED_DOMAIN"),
        ("co.uk", "SHARED_DOMAIN"),
        ("org", "INVALID_DOMAIN"),
        ("valley", "INVALID_DOMAIN"),
        ("192.0.2.1", "INVALID_DOMAIN"),
        ("a@valley.org", "INVALID_DOMAIN"),
        ("valley.org.", "INVALID_DOMAIN"),
        ("*.valley.org", "INVALID_DOMAIN"),
        ("vаlley.org", "FOREIGN_LETTERS"),
        ("xn--vlley-7ve.org", "FOREIGN_LETTERS"),
        ("", "INVALID_DOMAIN"),
    ],
)
def test_which_can_be_an_leas_own(typed: str, code: str | None) -> None:
    """The one that mixes letters has a Cyrillic а."""
    fault = domain_fault(domain_key(typed))
    assert (fault[0] if fault else None) == code


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("valley.org", "valley.org", True),
        ("staff.valley.org", "valley.org", True),
        ("valley.org", "staff.valley.org", True),
        ("evilvalley.org", "valley.org", False),
        ("valley.org.evil.org", "valley.org", False),
        ("valley.org", "valley.com", False),
    ],
)
def test_which_overlap(one: str, other: str, expected: bool) -> None:
    assert overlaps(one, other) is expected


@given(domains, domains)
def test_overlapping_is_mutual_and_a_name_below_is_always_one(one: str, other: str) -> None:
    assert overlaps(one, other) == overlaps(other, one)
    assert overlaps(f"staff.{one}", one)
    assert not looks_like(one, one)


@pytest.mark.parametrize("alike", ["va11ey.org", "val-ley.org", "valléy.org", "vaIley.org", "valle-y.org"])
def test_which_look_alike(alike: str) -> None:
    assert looks_like(domain_key(alike), "valley.org")


def test_letters_with_marks_look_like_those_without() -> None:
    assert looks_like(domain_key("vàlley.org"), "valley.org")
    assert looks_like("rnountain.org", "mountain.org")
    assert not looks_like("bay.org", "valley.org")
