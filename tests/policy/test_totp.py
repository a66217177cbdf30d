"""Codes of authenticator apps against the vectors of RFC 6238, and recovery codes in whatever way they are typed."""

from datetime import UTC, datetime, timedelta

import pytest

from policy.recovery_codes import recovery_code, recovery_hash
from policy.totp import app_address, code_at, matching_step, secret_text, step_at, typed_code

SECRET = b"12345678901234567890"
VECTORS = (
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
)


@pytest.mark.parametrize(("seconds", "digits"), VECTORS)
def test_rfc_6238_appendix_b(seconds: int, digits: str) -> None:
    """The vectors have eight digits; six are their end."""
    assert code_at(SECRET, step_at(datetime.fromtimestamp(seconds, UTC))) == digits[-6:]


@pytest.mark.parametrize(("later", "found"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
@pytest.mark.checklist("49 another time")
def test_drift_is_one_step_to_either_side(later: int, found: bool) -> None:
    now = datetime(2026, 11, 22, 12, 0, 15, tzinfo=UTC)
    code = code_at(SECRET, step_at(now + timedelta(seconds=later)))
    assert (matching_step(SECRET, code, now, 0) is not None) == found


@pytest.mark.checklist(49)
def test_what_was_used_and_whatever_is_before_it_is_not_found() -> None:
    now = datetime(2026, 11, 22, 12, 0, 15, tzinfo=UTC)
    code = code_at(SECRET, step_at(now))
    assert matching_step(SECRET, code, now, step_at(now) - 1) == step_at(now)
    assert matching_step(SECRET, code, now, step_at(now)) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666", "abcdef", "-12345"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert matching_step(SECRET, typed_code(typed), datetime(2026, 11, 22, tzinfo=UTC), 0) is None


def test_the_address_names_issuer_and_account() -> None:
    address = app_address(SECRET, "Hallpass", "ana+x@example.org")
    assert address.startswith("otpauth://totp/Hallpass:ana%2Bx@example.org?secret=GEZDGNBVGY3TQOJQ")
    assert secret_text(SECRET).startswith("GEZD GNBV ")


@pytest.mark.checklist(49)
def test_a_recovery_code_is_found_however_it_is_typed() -> None:
    code = recovery_code(bytes(range(15)))
    assert len(code.replace("-", "")) == 24
    for typed in (code, code.upper(), code.replace("-", " "), f" {code} ", code.replace("o", "0").replace("i", "1")):
        assert recovery_hash(typed) == recovery_hash(code)
    assert recovery_hash(code[:-1]) != recovery_hash(code)
