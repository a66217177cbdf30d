"""What is kept how long: one table, from which the daily purge and the documentation follow."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Kept(StrEnum):
    """What is purged by age. What isn't here is kept as long as the account, or has a job of its own."""

    CODES = "authorization codes"
    PROOFS = "used proofs and pushed requests"
    LAUNCHES = "ways from the start page into systems"
    TOKENS = "refresh tokens"
    SESSIONS = "ended sessions and authorizations"
    LINKS = "account links"
    KEYS = "idempotency keys"
    NOTICES = "logout notices"
    DENIALS = "revoked access tokens"
    FAILURES = "failed sign-ins"
    ATTEMPTS = "counted failures"
    WAITING = "sign-ins that weren't finished"
    FACTOR_RESETS = "removals of lost factors"
    DEVICES = "known browsers"
    REQUESTS = "decided requests"
    SIGNALS = "security events that nobody took"
    FILES = "files of people and their reports"
    DISTRICT_WAYS = "sign-ins under way at a district's provider"


@dataclass(frozen=True, slots=True)
class Term:
    """`days` after `since`."""

    days: int
    since: str
    why: str

    @property
    def life(self) -> timedelta:
        return timedelta(days=self.days)


RETENTION: Final[dict[Kept, Term]] = {
    Kept.CODES: Term(1, "it expired", "a code is used within a minute; used twice, it tells of an attack that day"),
    Kept.PROOFS: Term(1, "it expired", "a proof is good for minutes, a pushed request for an hour"),
    Kept.LAUNCHES: Term(1, "it expired", "a system asks for the person within minutes"),
    Kept.TOKENS: Term(30, "its authorization ended", "a token that is used again shows that it was stolen"),
    Kept.SESSIONS: Term(400, "it ended", "a school year, in which is asked who was signed in"),
    Kept.LINKS: Term(180, "it expired", "the help desk sees which link somebody missed"),
    Kept.KEYS: Term(7, "it was used", "a request that is sent again comes within the hour"),
    Kept.NOTICES: Term(90, "it was queued", "an operator looks up which system was told, and when"),
    Kept.DENIALS: Term(1, "the token expired", "after that nobody takes it anyway"),
    Kept.FAILURES: Term(90, "it happened", "the help desk says why somebody couldn't sign in"),
    Kept.ATTEMPTS: Term(90, "the last one", "a count of failures in a row ends with a success"),
    Kept.WAITING: Term(1, "it expired", "nobody comes back to it; nor to an app that was never confirmed"),
    Kept.FACTOR_RESETS: Term(400, "it was asked for", "the audit tells what was decided"),
    Kept.DEVICES: Term(180, "the last sign-in in it", "after that a code is asked for again anyway"),
    Kept.REQUESTS: Term(400, "it was asked for", "the audit tells what was decided"),
    Kept.DISTRICT_WAYS: Term(1, "it expired", "a sign-in takes ten minutes"),
    Kept.SIGNALS: Term(30, "it happened", "a stream tells for a week; what was refused is looked into"),
    Kept.FILES: Term(400, "it was sent", "a school year, in which is asked what a file said"),
}
