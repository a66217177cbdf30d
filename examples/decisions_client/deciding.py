"""What both clients make of answers to one question, and to several."""

from collections.abc import Sequence

from .outcomes import Cause, Outcome, Refused
from .questions import Question
from .reading import IncompleteError, Json, read_decision, read_decisions
from .terms import MOST_QUESTIONS


def decision(answer: Json | Refused) -> Outcome:
    if isinstance(answer, Refused):
        return answer
    try:
        return read_decision(answer)
    except IncompleteError as error:
        return Refused(Cause.ANSWER, str(error))


def decisions(answer: Json | Refused, asked: int) -> list[Outcome]:
    """As many as were asked for, whatever comes back."""
    if isinstance(answer, Refused):
        return [answer] * asked
    try:
        return read_decisions(answer, asked)
    except IncompleteError as error:
        return [Refused(Cause.ANSWER, str(error))] * asked


def portions(questions: Sequence[Question]) -> list[Sequence[Question]]:
    """As many at once as the gateway takes."""
    return [questions[start : start + MOST_QUESTIONS] for start in range(0, len(questions), MOST_QUESTIONS)]
