"""`acr` follows from `amr` (RFC 8176, NIST SP 800-63B-4 2.2), whatever anybody says of it."""

import pytest

from gateway.signin.assurance import acr_of, with_factor
from policy.second_step import AAL1, AAL2


@pytest.mark.parametrize(
    ("amr", "acr"),
    [
        ((), AAL1),
        (("pwd",), AAL1),
        (("pwd", "otp"), AAL2),
        (("pwd", "hwk"), AAL2),
        (("hwk",), AAL1),
        (("hwk", "user"), AAL2),
        (("swk", "user"), AAL2),
        (("otp",), AAL1),
        (("otp", "user"), AAL1),
        (("fed",), AAL1),
        (("fed", "mfa"), AAL1),
        (("pwd", "mfa"), AAL1),
        (("pwd", "fed"), AAL1),
        (("pwd", "email"), AAL1),
        (("fed", "otp"), AAL2),
    ],
)
def test_which_level_it_makes(amr: tuple[str, ...], acr: str) -> None:
    assert acr_of(amr) == acr
    assert ("mfa" in with_factor(amr)) == (acr == AAL2), "mfa is never taken from anybody's word"


def test_an_order_that_is_always_the_same() -> None:
    assert with_factor(("otp", "pwd"), "pwd") == ("pwd", "otp", "mfa")
    assert with_factor(("user", "swk")) == ("swk", "user", "mfa")
