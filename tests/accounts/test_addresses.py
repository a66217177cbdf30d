"""What an address must be (S0-27) and how long a released one stays blocked (decisions, accounts 4)."""

from datetime import UTC, datetime

import pytest

from resolvers.addresses import email_problems
from resolvers.released import blocked_until


@pytest.mark.rule("S0-27")
@pytest.mark.parametrize(
    ("address", "limit", "rules"),
    [
        ("pat@school.education", 10, []),
        ("pat@school.university", 10, []),
        ("pat@school.engineering", 10, ["S0-27"]),
        ("pat@school.engineering", None, []),
        ("pat@engineering.org", 10, []),
    ],
)
def test_s0_27_the_last_label_has_at_most_ten_characters(address: str, limit: int | None, rules: list[str]) -> None:
    assert [one.rule for one in email_problems(address, limit)] == rules


@pytest.mark.rule("accounts-4")
@pytest.mark.parametrize(
    ("released", "until"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2028, 11, 22, 12, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), datetime(2028, 12, 31, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), datetime(2030, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_released_address_is_blocked_for_24_months(released: datetime, until: datetime) -> None:
    assert blocked_until(released) == until
