"""Answers that last, kept by caller, subject and action: right wherever one statement proves what they rest on."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import orjson

from gateway.caller_memory import Remembered
from gateway.decisions.logged import Moment, logged
from policy.caller import PersonCaller, SystemCaller
from policy.ids import UserId
from resolvers.decision_memory import Known
from resolvers.decisions import CheckAsked, Judge, Judged
from store.decision_facts import Stands, StandsStill, stands_still
from store.decision_log import LoggedDecision

MOST_ANSWERS: Final = 20_000
_NOTE: Final = "lines of decisions"
_LONGEST_NAME: Final = 1_000
_PLAIN: Final = (("organization",), ("system",))


class Lasting(NamedTuple):
    """An answer without its decision's id, which stands between `front` and `back`; `logged`: as it was first."""

    allowed: bool
    front: str
    back: str
    logged: LoggedDecision


class Learned(NamedTuple):
    """A question with its answer, fresh from the judge. `resource`: its id as it was written; `told`: the answer."""

    check: CheckAsked
    judged: Judged
    resource: str
    told: bytes
    moment: Moment

    def lasting(self, judge: Judge) -> Lasting:
        front, _, back = self.told.decode().partition(self.moment.decision_id)
        first = logged(judge, self.check, self.judged, self.moment)
        return Lasting(self.judged.decision.allowed, front, back, first)


@dataclass(slots=True)
class Line:
    """One caller's questions about one subject and action, which differ by the resource's id alone.

    `person`: the facts of somebody else that the answers rest on. All else that they rest on, the caller with packs,
    years, day and epoch, is what this reading of the caller was made with. `still` proves both.
    """

    kind: str
    person: Known | None
    still: StandsStill
    answers: dict[str, Lasting] = field(default_factory=dict[str, Lasting])


class Lines:
    """One process's lines. They live with the caller they were read for, all of them together in bounds."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._count = 0
        self._begun: list[dict[bytes, Line]] = []

    def learn(self, caller: Remembered, name: bytes, judge: Judge, learned: Learned) -> None:
        """Keep an answer that stays the same until what proves it changes; any other is let go."""
        person, lasts = _rests_on(judge, learned)
        if not lasts or judge.asker.mark is not caller.mark or not 0 < len(name) <= _LONGEST_NAME:
            return
        if self._count >= self._most:
            self._clear()
        lines = lines_of(caller)
        line = lines.get(name)
        if line is None or line.person is not person:
            if not lines:
                self._begun.append(lines)
            line = lines[name] = _begin(caller, learned.check, person)
        if learned.resource not in line.answers:
            line.answers[learned.resource] = learned.lasting(judge)
            self._count += 1

    def _clear(self) -> None:
        for lines in self._begun:
            lines.clear()
        self._begun.clear()
        self._count = 0


def lines_of(caller: Remembered) -> dict[bytes, Line]:
    found: dict[bytes, Line] | None = caller.notes.get(_NOTE)
    if found is None:
        found = caller.notes[_NOTE] = {}
    return found


def line_name(subject: object, action: object) -> bytes:
    """What a line is called: its subject and action as they were written; empty for what is nested too deep."""
    try:
        return orjson.dumps((subject, action))
    except orjson.JSONEncodeError:
        return b""


def _begin(caller: Remembered, check: CheckAsked, person: Known | None) -> Line:
    kind = check.targets[0]
    if person is None:
        return Line(kind, None, stands_still(caller.mark))
    facts = person.loaded
    return Line(kind, person, stands_still(caller.mark, facts.person.id, Stands(facts.person.status, facts.version)))


def _rests_on(judge: Judge, learned: Learned) -> tuple[Known | None, bool]:
    """Whose facts an answer rests on beside the caller's own, and whether on nothing that a line doesn't prove."""
    check, judged, asker = learned.check, learned.judged, judge.asker
    if not check.lasting or check.targets not in _PLAIN or check.acting_at is not None:
        return None, False
    if judged.version is None or judged.asserted or check.subject is None or asker.mark is None:
        return None, False
    if judge.told.proof.epoch != asker.mark.epoch:
        return None, False
    match asker.caller:
        case PersonCaller(user=user):
            return None, user == check.subject
        case SystemCaller():
            known = asker.memory.person(UserId(check.subject))
            return known, known is not None and judge.told.people.get(UserId(check.subject)) is known.loaded.person
        case _:
            return None, False
