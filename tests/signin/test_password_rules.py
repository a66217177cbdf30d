"""Passwords that are accepted and refused (NIST SP 800-63B-4 section 3.1.1.2)."""

import pytest

from gateway.signin.next_path import next_path
from gateway.signin.password_profiles import NIST, NIST_WITH_SECOND_FACTOR, TOMS_COMPATIBLE, profile_of
from gateway.signin.password_rules import blocked, password_fault

CONTEXT = ("Rosalind", "Franklin", "rosalind.franklin@valleyunified.example")


@pytest.mark.parametrize(
    "password",
    [
        "orchard lantern seven rivers",
        "fifteen letters",
        "          spaces count too          ",
        "пятнадцать букв и больше",
        "🦊🐻🐼🦁🐯🦄🐙🦉🐝🦋🐢🐬🦕🌵🍄",
        "x7Kq9mW2vL4pR8t" * 4,
        "onlylowercaselettersbutplentyofthem",
        "Rosalind likes blue herons",
        "a" * 5 + "bcdfghjklmnpqrstvwz",
    ],
)
@pytest.mark.checklist("45 nothing else is asked")
def test_accepted(password: str) -> None:
    assert password_fault(password, CONTEXT) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "0 characters"),
        ("fourteen chars", "14 characters"),
        ("e\u0301" * 14, "14 characters"),
        ("x" * 1025, "longer than"),
        ("e" + "\u0301\u0323" * 60_000, "longer than"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("abcabcabcabcabcabc", "repeats"),
        ("riverriverriverriver", "repeats"),
        ("abcdefghijklmnopqrst", "run along"),
        ("qwertyuiopasdfgh", "run along"),
        ("lkjhgfdsapoiuytrewq", "run along"),
        ("0123456789012345", "run along"),
        ("Correct Horse Battery Staple", "list"),
        ("welcome-to-school-1", "list"),
        ("Rosalind Franklin", "name"),
        ("franklin.rosalind1", "name"),
        ("hallpass rosalind 12", "name"),
        ("valleyunified2026!", "name"),
    ],
)
@pytest.mark.checklist("45 short", "45 common")
def test_refused_with_the_reason(password: str, reason: str) -> None:
    fault = password_fault(password, CONTEXT)
    assert fault is not None
    assert reason in fault


def test_the_block_list_holds_only_what_the_length_lets_through() -> None:
    assert len(blocked()) > 80
    assert all(len(one) >= 11 for one in blocked())


@pytest.mark.parametrize("path", ["/", "/account", "/oauth2/authorize?a=b&c=%2F%2F", "/a//b"])
def test_own_paths(path: str) -> None:
    assert next_path(path) == path


@pytest.mark.parametrize(
    "path", [None, "", "//evil", "/\\evil", "https://evil", "evil", "/a b", "/a\r\nb", "\t/a", "/" + "a" * 20_000]
)
def test_other_places(path: str | None) -> None:
    assert next_path(path) == "/"


@pytest.mark.rule("accounts-6")
@pytest.mark.parametrize(
    "password", ["P@ssw0rd2026!!!!", "!!Welcome2School99", "Summer-Teacher-2026", "1234password5678"]
)
@pytest.mark.checklist("45 common")
def test_common_words_in_disguise(password: str) -> None:
    fault = password_fault(password, CONTEXT)
    assert fault is not None
    assert "list" in fault


@pytest.mark.rule("accounts-6")
def test_the_profiles_ask_for_what_they_say() -> None:
    """Decisions, accounts 6: NIST by default, eight characters where a second factor is mandatory, TOMS by setting."""
    short = "r8#kQz"
    assert [profile.shortest for profile in (NIST, NIST_WITH_SECOND_FACTOR, TOMS_COMPATIBLE)] == [15, 8, 12]
    assert password_fault(short + "-W", CONTEXT, NIST_WITH_SECOND_FACTOR) is None
    assert "8" in str(password_fault(short, CONTEXT, NIST_WITH_SECOND_FACTOR))
    assert password_fault("Harbor7!viol", CONTEXT, TOMS_COMPATIBLE) is None
    for lacking in ("harbor7!viol", "HARBOR7!VIOL", "Harbor!!viol", "Harbor77viol"):
        assert "kind of character" in str(password_fault(lacking, CONTEXT, TOMS_COMPATIBLE))
    assert "kind" not in str(password_fault("onlylowercaseletters", CONTEXT, NIST))
    assert profile_of("nist", second_factor=True) is NIST_WITH_SECOND_FACTOR
    assert profile_of("toms-compatible", second_factor=True) is TOMS_COMPATIBLE


@pytest.mark.rule("accounts-6")
@pytest.mark.checklist("45 common")
def test_programs_and_the_service_are_context_words() -> None:
    fault = password_fault("caaspp-elpac-2026-27", ("caaspp", "elpac"))
    assert fault is not None
    assert "program" in fault
