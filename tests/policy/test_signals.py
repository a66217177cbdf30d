"""What a receiver's answer means (RFC 8935), how long one waits for it, and of whose roles it hears."""

from datetime import timedelta

import pytest

from policy.ids import System
from policy.packs import Packs
from policy.signals import SUPPORTED, URIS, Kind, Outcome, again_in, giving_roles, judged, kinds_of
from store.shipped_packs import shipped_packs, vocabulary

YEARS = {"caaspp": ("2026-27",), "elpac": ("2026-27",)}


@pytest.mark.parametrize(
    ("status", "error", "attempts", "outcome", "code"),
    [
        (202, None, 0, Outcome.DELIVERED, ""),
        (200, None, 0, Outcome.LATER, "status 200"),
        (302, None, 0, Outcome.LATER, "status 302"),
        (503, "invalid_request", 0, Outcome.LATER, "status 503"),
        (400, "invalid_request", 0, Outcome.REFUSED, "invalid_request"),
        (400, "invalid_state", 0, Outcome.REFUSED, "invalid_state"),
        (400, "dana@example.org", 0, Outcome.REFUSED, "unknown code"),
        (400, "invalid_audience", 99, Outcome.LATER, "invalid_audience"),
        (400, None, 8, Outcome.LATER, "status 400"),
        (400, None, 9, Outcome.REFUSED, "status 400"),
    ],
)
def test_rfc8935_answers(status: int, error: str | None, attempts: int, outcome: Outcome, code: str) -> None:
    assert judged(status, error, attempts) == (outcome, code)


def test_pauses_double_up_to_a_quarter_of_an_hour() -> None:
    assert [again_in(failures, 0.5) for failures in (1, 2, 3)] == [timedelta(seconds=5 * 2**n) for n in range(3)]
    assert again_in(500, 0.5) == timedelta(minutes=15)
    assert again_in(500, 1) == timedelta(minutes=15) * 1.25


def test_only_what_is_supported_is_told() -> None:
    assert set(kinds_of(SUPPORTED)) == set(Kind) - {Kind.VERIFICATION, Kind.STREAM_UPDATED}
    assert kinds_of((URIS[Kind.VERIFICATION], "urn:example:other")) == ()


def test_a_receiver_hears_of_roles_that_give_something_in_its_systems() -> None:
    """DEI belongs to few roles; a system of which no pack tells has nobody; a year nobody knows gives nothing."""
    packs = Packs(vocabulary(), [file.pack for file in shipped_packs() if file.pack.loaded_by_default])
    thss = giving_roles(packs, YEARS, {System("thss")})
    assert ("caaspp", "lea-coordinator", "2026-27") in thss
    assert ("caaspp", "tools-for-teachers-only", "2026-27") not in thss
    assert giving_roles(packs, YEARS, {System("nothing")}) == ()
    assert giving_roles(packs, {}, {System("thss")}) == ()
