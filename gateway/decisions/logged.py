"""What the decision log keeps of an answer: ids alone, and those only that are known to be none of a student."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.caller import SystemCaller
from policy.ids import system_of
from resolvers.decisions import CheckAsked, Judge, Judged
from resolvers.questions import Told
from store.decision_log import LoggedDecision

_KINDS: Final = {
    "organization": "organization",
    "studentGroup": "student_group",
    "student": "student",
    "targetUser": "user",
    "testSession": "test_session",
    "response": "response",
    "roleAssignment": "role_assignment",
    "system": "system",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Which decision it was, and when."""

    decision_id: str
    at: datetime
    request_id: str


def logged(judge: Judge, check: CheckAsked, judged: Judged, moment: Moment) -> LoggedDecision:
    """The decision as it is kept."""
    caller, decision = judge.asker.caller, judged.decision
    own = judge.asker.own
    return LoggedDecision(
        UUID(moment.decision_id),
        moment.at,
        caller.client_id if isinstance(caller, SystemCaller) else None,
        own,
        _subject(judge, check),
        check.permission,
        _KINDS[check.targets[0]],
        _resource_id(check, judge.told),
        decision.allowed,
        decision.reason.value,
        judged.version,
        moment.request_id,
    )


def _subject(judge: Judge, check: CheckAsked) -> UUID | None:
    """The person's id, where there is such a person."""
    own = judge.asker.own
    if check.about_caller or check.subject == own:
        return own
    return check.subject if check.subject in judge.told.people else None


def _resource_id(check: CheckAsked, told: Told) -> str | None:
    """The id of what was found; what a caller wrote could be anything, a student's number too, also as an id."""
    if check.organization is not None:
        found = told.places.get(check.organization)
        return str(found.id) if found else None
    if check.system is not None:
        known = {system_of(name) for name in told.in_force.packs.vocabulary}
        return check.system if check.system in known else None
    held = check.role.held if check.role else None
    identifier = check.student_group or check.target_user or held
    found = identifier in told.proof.groups or identifier in told.people or identifier in told.proof.assignments
    return str(identifier) if found else None
