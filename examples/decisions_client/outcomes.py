"""What comes of a question: allowed, denied, or refused because nobody could say; only the first is a yes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from .terms import Reason


class Cause(StrEnum):
    """Why there is no decision."""

    UNREACHABLE = "unreachable"
    """No answer in time, or the gateway says that it can't answer now. Asking later may help."""
    CREDENTIALS = "credentials"
    """The gateway doesn't take this client's id, secret or token."""
    QUESTION = "question"
    """The gateway doesn't understand the question; `why` has its sentence."""
    ANSWER = "answer"
    """The answer is incomplete or not one that this client understands."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The gateway said yes. `asserted`: on this system's own word, such as a student's school."""

    decision_id: str
    access_version: str
    asserted: bool = False
    reason: Reason = Reason.GRANTED

    @property
    def allowed(self) -> Literal[True]:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """The gateway said no. `access_version` is None where it tells nothing about the subject."""

    reason: Reason
    decision_id: str
    access_version: str | None = None

    @property
    def allowed(self) -> Literal[False]:
        return False


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no decision: to be treated as a no, and told to whoever runs this system."""

    cause: Cause
    why: str

    @property
    def allowed(self) -> Literal[False]:
        return False


Outcome = Allowed | Denied | Refused


class RefusedError(Exception):
    """A search without a complete answer: part of a list is never given."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.cause}: {refused.why}")
        self.refused = refused
