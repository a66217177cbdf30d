"""The decision API's vocabulary, made by `generate.py` from the OpenAPI document: don't edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Literal, get_args

TOKENS: Final = "/oauth2/token"
EVALUATION_PATH: Final = "/access/v1/evaluation"
EVALUATIONS_PATH: Final = "/access/v1/evaluations"
SUBJECTS_PATH: Final = "/access/v1/search/subject"
RESOURCES_PATH: Final = "/access/v1/search/resource"
ACTIONS_PATH: Final = "/access/v1/search/action"
MOST_QUESTIONS: Final = 100
MOST_RESULTS: Final = 100
VERSION_FORM: Final = r"^[0-9a-f]{16}$"

Permission = Literal[
    "hallpass:organizations:view",
    "hallpass:organizations:edit",
    "hallpass:users:view",
    "hallpass:users:manage",
    "hallpass:coordinators:designate",
    "hallpass:contacts:edit",
    "hallpass:student-groups:manage",
    "hallpass:sis-credentials:manage",
    "hallpass:state:years",
    "hallpass:state:programs",
    "hallpass:state:directory",
    "hallpass:state:relying-parties",
    "hallpass:state:keys",
    "hallpass:state:identity-providers",
    "hallpass:state:mail",
    "hallpass:state:accounts",
    "hallpass:state:audit",
    "hallpass:state:privacy",
    "toms:student-tests:view",
    "toms:student-tests:edit",
    "toms:student-tests:upload",
    "toms:test-settings:edit",
    "toms:test-settings:upload",
    "toms:unlisted-resources:edit",
    "toms:unlisted-resources:upload",
    "toms:condition-codes:edit",
    "toms:condition-codes:upload",
    "toms:ssr-options:edit",
    "toms:exemptions:edit",
    "toms:alternate-students:identify",
    "toms:windows:view",
    "toms:windows:edit",
    "toms:orders:manage",
    "toms:audio:open",
    "toms:reports:view",
    "toms:score-reports:print",
    "toms:score-reports:print-batch",
    "toms:score-reports:export",
    "stairs:incidents:submit",
    "tds:interface:open",
    "tds:initial:administer",
    "tds:summative:administer",
    "tds:alternate:administer",
    "tds:interim:administer",
    "tds:practice:administer",
    "completion-status:reports:view",
    "cers:results:view",
    "cers:student-groups:manage",
    "iavs:items:view",
    "thss:responses:view",
    "thss:responses:score",
    "thss:responses:reassign",
    "dei:responses:enter",
    "dei:caa-ela:second-score",
    "tools-for-teachers:resources:open",
    "tide:students:add",
    "tide:students:view",
    "tide:students:edit",
    "tide:students:export",
    "tide:test-settings:view",
    "tide:test-settings:edit",
    "tide:test-settings:upload",
    "tide:test-settings:print",
    "tide:rosters:manage",
    "tide:rosters:print",
    "tide:tickets:print",
    "tide:monitoring:view",
    "tide:reports:frequency",
    "tide:files:download",
    "tide:files:share",
    "open",
]

PERMISSIONS: Final[frozenset[str]] = frozenset(get_args(Permission))


class Reason(StrEnum):
    """Why: the codes that a system is told."""

    GRANTED = "granted"
    NO_ASSIGNMENT = "no-assignment"
    NOT_THIS_ORGANIZATION = "not-this-organization"
    NO_ROSTER = "no-roster"
    STEPS_MISSING = "steps-missing"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    ACTIVE_ROLE_MISSING = "active-role-missing"
    NOT_YOUR_SYSTEM = "not-your-system"
    AGAINST_A_RULE = "against-a-rule"


def _given(values: Mapping[str, object]) -> dict[str, object]:
    """What was said: members without a value are left out."""
    return {
        name: list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in values.items()
        if value is not None
    }


def _entity(kind: str, identifier: str, **properties: object) -> Mapping[str, object]:
    said = _given(properties)
    return {"type": kind, "id": identifier} | ({"properties": said} if said else {})


@dataclass(frozen=True, slots=True)
class ActiveRole:
    """The role under which the person acts, as the claim `active_role` says."""

    program: str
    role: str
    school_year: str | None = None
    organizations: tuple[str, ...] | None = None

    def json(self) -> Mapping[str, object]:
        return _given(
            {
                "program": self.program,
                "role": self.role,
                "school_year": self.school_year,
                "organizations": self.organizations,
            }
        )


@dataclass(frozen=True, slots=True)
class UserSubject:
    """A user by its id."""

    type: ClassVar[Literal["user"]] = "user"
    id: str
    active_role: ActiveRole | None = None

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id, active_role=self.active_role and self.active_role.json())


@dataclass(frozen=True, slots=True)
class ClientSubject:
    """A client holds no roles and is never allowed anything."""

    type: ClassVar[Literal["client"]] = "client"
    id: str

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id)


@dataclass(frozen=True, slots=True)
class OrganizationResource:
    """An organization: its id, or level and code, as `school:19647331930000`."""

    type: ClassVar[Literal["organization"]] = "organization"
    id: str

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id)


@dataclass(frozen=True, slots=True)
class ResponseResource:
    """An answer to be scored, by the id that the asking system gave it; who it was assigned to is its word."""

    type: ClassVar[Literal["response"]] = "response"
    id: str
    organization: str
    assigned_to: str | None = None

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id, organization=self.organization, assigned_to=self.assigned_to)


@dataclass(frozen=True, slots=True)
class RoleAssignmentResource:
    """To assign: the role in `properties`, any id. To remove or designate: the id of an assignment."""

    type: ClassVar[Literal["role_assignment"]] = "role_assignment"
    id: str
    user: str | None = None
    program: str | None = None
    role: str | None = None
    organization: str | None = None
    school_year: str | None = None

    def json(self) -> Mapping[str, object]:
        return _entity(
            self.type,
            self.id,
            user=self.user,
            program=self.program,
            role=self.role,
            organization=self.organization,
            school_year=self.school_year,
        )


@dataclass(frozen=True, slots=True)
class StudentResource:
    """By SSID. Its school is the asking system's word; without it only a student group can allow."""

    type: ClassVar[Literal["student"]] = "student"
    id: str
    organization: str | None = None

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id, organization=self.organization)


@dataclass(frozen=True, slots=True)
class StudentGroupResource:
    """By id; one that the asking system holds itself with its organization."""

    type: ClassVar[Literal["student_group"]] = "student_group"
    id: str
    organization: str | None = None

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id, organization=self.organization)


@dataclass(frozen=True, slots=True)
class SystemResource:
    """A downstream system by its code, for the action `open` alone."""

    type: ClassVar[Literal["system"]] = "system"
    id: str

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id)


@dataclass(frozen=True, slots=True)
class TestSessionResource:
    """A session to be started, at every organization that it spans."""

    type: ClassVar[Literal["test_session"]] = "test_session"
    id: str
    organizations: tuple[str, ...]
    students: int
    assessment: str | None = None
    grade_band: str | None = None
    domain: str | None = None

    def json(self) -> Mapping[str, object]:
        return _entity(
            self.type,
            self.id,
            organizations=self.organizations,
            students=self.students,
            assessment=self.assessment,
            grade_band=self.grade_band,
            domain=self.domain,
        )


@dataclass(frozen=True, slots=True)
class UserResource:
    """A person to be seen or changed."""

    type: ClassVar[Literal["user"]] = "user"
    id: str
    match: Literal["any", "all"] | None = None

    def json(self) -> Mapping[str, object]:
        return _entity(self.type, self.id, match=self.match)


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done; properties narrow, and never widen."""

    name: Permission
    program: str | None = None
    school_year: str | None = None
    assessment: str | None = None
    report: str | None = None
    change: Literal["assign", "remove", "designate"] | None = None

    def json(self) -> Mapping[str, object]:
        said = _given(
            {
                "program": self.program,
                "school_year": self.school_year,
                "assessment": self.assessment,
                "report": self.report,
                "change": self.change,
            }
        )
        return {"name": self.name} | ({"properties": said} if said else {})


Subject = UserSubject | ClientSubject

Resource = (
    OrganizationResource
    | ResponseResource
    | RoleAssignmentResource
    | StudentResource
    | StudentGroupResource
    | SystemResource
    | TestSessionResource
    | UserResource
)

SearchedKind = Literal["organization", "student_group", "system", "user"]

SHAPES: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "Decision": (frozenset({"context", "decision"}), frozenset({"context", "decision"})),
    "Decision.context": (
        frozenset({"decision_id", "reason"}),
        frozenset({"access_version", "asserted", "decision_id", "explanation", "grant", "missing", "reason"}),
    ),
    "QuestionError": (frozenset({"context", "decision"}), frozenset({"context", "decision"})),
    "QuestionError.context": (frozenset({"error"}), frozenset({"error"})),
    "QuestionError.context.error": (frozenset({"message", "status"}), frozenset({"message", "status"})),
    "Evaluations": (frozenset({"evaluations"}), frozenset({"evaluations"})),
    "SubjectPage": (frozenset({"context", "page", "results"}), frozenset({"context", "page", "results"})),
    "SubjectPage.page": (frozenset({"count", "next_token"}), frozenset({"count", "next_token"})),
    "SubjectPage.context": (frozenset(), frozenset({"access_version", "reason"})),
    "ResourcePage": (frozenset({"context", "page", "results"}), frozenset({"context", "page", "results"})),
    "ResourcePage.page": (frozenset({"count", "next_token"}), frozenset({"count", "next_token"})),
    "ResourcePage.context": (frozenset(), frozenset({"access_version", "reason"})),
    "ActionPage": (frozenset({"context", "page", "results"}), frozenset({"context", "page", "results"})),
    "ActionPage.page": (frozenset({"count", "next_token"}), frozenset({"count", "next_token"})),
    "ActionPage.context": (frozenset(), frozenset({"access_version", "reason"})),
}
"""Object -> the members that it must have, and those that it may have."""
