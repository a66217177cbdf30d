"""Questions as JSON: the same question is the same text, by which an answer may be remembered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from .terms import Action, Resource, SearchedKind, Subject


@dataclass(frozen=True, slots=True)
class Question:
    """May this subject do this to that resource?"""

    subject: Subject
    action: Action
    resource: Resource

    def json(self) -> dict[str, object]:
        return {"subject": self.subject.json(), "action": self.action.json(), "resource": self.resource.json()}


def body_of(members: dict[str, object], at_least: str | None = None) -> bytes:
    if at_least is not None:
        members = {**members, "context": {"at_least_version": at_least}}
    return json.dumps(members, separators=(",", ":")).encode()


def bodies_of(questions: Sequence[Question], at_least: str | None) -> bytes:
    return body_of({"evaluations": [question.json() for question in questions]}, at_least)


def subjects_asked(action: Action, resource: Resource) -> dict[str, object]:
    return {"subject": {"type": "user"}, "action": action.json(), "resource": resource.json()}


def resources_asked(subject: Subject, action: Action, kind: SearchedKind) -> dict[str, object]:
    return {"subject": subject.json(), "action": action.json(), "resource": {"type": kind}}


def actions_asked(subject: Subject, resource: Resource) -> dict[str, object]:
    return {"subject": subject.json(), "resource": resource.json()}
