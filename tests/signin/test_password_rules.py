"""Passwords that are accepted and refused (NIST SP 800-63B-4 section 3.1.1.2)."""

import pytest

from gateway.signin.next_path import next_path
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
