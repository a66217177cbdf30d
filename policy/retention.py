"""What is kept how long: one table, from which the daily purge and the documentation follow."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Kept(StrEnum):
    """What is purged by age. What isn't here is kept as long as the account, or has a job of its own."""

    CODES = "authorization codes"
    TOKENS = "refresh tokens"
    SESSIONS = "ended sessions and authorizations"
    LINKS = "account links"
    KEYS = "idempotency keys"
    NOTICES = "logout notices"
    DENIALS = "revoked access tokens"
    FAILURES = "failed sign-ins"
    REQUESTS = "decided requests"
    FILES = "files of people and their reports"


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
    Kept.TOKENS: Term(30, "its authorization ended", "a token that is used again shows that it was stolen"),
    Kept.SESSIONS: Term(400, "it ended", "a school year, in which is asked who was signed in"),
    Kept.LINKS: Term(180, "it expired", "the help desk sees which link somebody missed"),
    Kept.KEYS: Term(7, "it was used", "a request that is sent again comes within the hour"),
    Kept.NOTICES: Term(90, "it was queued", "an operator looks up which system was told, and when"),
    Kept.DENIALS: Term(1, "the token expired", "after that nobody takes it anyway"),
    Kept.FAILURES: Term(90, "it happened", "the help desk says why somebody couldn't sign in"),
    Kept.REQUESTS: Term(400, "it was asked for", "the audit tells what was decided"),
    Kept.FILES: Term(400, "it was sent", "a school year, in which is asked what a file said"),
}
