"""The enumerations and scalars of the domain, as GraphQL names them: the schema takes them from here, registered."""

from enum import Enum
from typing import Any, NewType, cast

import strawberry
from strawberry.types.scalar import ScalarDefinition

from policy.facts import AssignmentStatus, Level, UserStatus
from policy.gates import Gate
from policy.ids import Permission
from policy.pack import AccountPolicy, Reach, RosterHolder
from policy.reasons import Reason, StepKind
from policy.reviews import ReviewAnswer
from policy.reviews import Unanswered as UnansweredItems
from policy.school_years import ClosingPhase, YearStatus
from policy.suggestions import SuggestionState
from policy.targets import RoleChange
from policy.upload_kinds import UploadState
from resolvers.bring_back import Choice as BringBackChoice
from resolvers.mails import MailState
from resolvers.mails import Problem as MailProblem
from resolvers.signals import Status as SignalStreamStatus
from schema.directives import PERMISSION

__all__ = [
    "SCALARS",
    "AccessVersion",
    "AccountPolicy",
    "AssignmentStatus",
    "BringBackChoice",
    "ClosingPhase",
    "Gate",
    "Level",
    "MailProblem",
    "MailState",
    "Permission",
    "Reach",
    "Reason",
    "ReviewAnswer",
    "RoleChange",
    "RosterHolder",
    "SignalStreamStatus",
    "SortDirection",
    "StepKind",
    "SuggestionState",
    "UploadState",
    "UserStatus",
    "YearStatus",
]

AccessVersion = NewType("AccessVersion", str)
"""Which changes of access an answer has seen; opaque to callers."""


class SortDirection(Enum):
    ASCENDING = "asc"


def _named(enum: type[Enum], name: str, description: str) -> None:
    strawberry.enum(cast("Any", enum), name=name, description=description)


_named(Level, "Level", "Where in the tree an organization stands.")
_named(UserStatus, "UserStatus", "How an account stands.")
_named(AssignmentStatus, "AssignmentStatus", "How a role assignment stands.")
_named(MailState, "MailState", "How the delivery of a mail stands.")
_named(MailProblem, "MailProblem", "Why a mail isn't sent.")
_named(Reach, "Reach", "How far a permission goes from the organization where its role is held.")
_named(RosterHolder, "RosterHolder", "Who knows which students a student group holds.")
_named(AccountPolicy, "AccountPolicy", "Whether an account may hold several roles of a program.")
_named(Reason, "Reason", "Why a question was answered as it was.")
_named(Gate, "Gate", "What may stand between a role and the answer to a question.")
_named(StepKind, "StepKind", "What kind of step is missing.")
_named(RoleChange, "RoleChange", "What is to become of a role.")
_named(BringBackChoice, "BringBackChoice", "What becomes of somebody's role of an earlier year.")
_named(ReviewAnswer, "ReviewAnswer", "Whether a role in an access review stays.")
_named(UnansweredItems, "UnansweredItems", "What happens to the roles that nobody answered for in an access review.")
_named(YearStatus, "YearStatus", "Whether a school year is open ahead, current or over.")
_named(ClosingPhase, "ClosingPhase", "What is being done after a year was closed.")
_named(UploadState, "UploadState", "What has become of a file of people.")
_named(SuggestionState, "SuggestionState", "What has become of a suggested role.")
_named(SignalStreamStatus, "SignalStreamStatus", "Whether a relying party is told of security events.")
_named(SortDirection, "SortDirection", "The order of a list.")

SCALARS: dict[object, ScalarDefinition] = {
    Permission: PERMISSION,
    AccessVersion: strawberry.scalar(
        name="AccessVersion",
        description="Which changes of access an answer has seen. Opaque: hand it back as it came.",
        serialize=str,
        parse_value=str,
    ),
}
