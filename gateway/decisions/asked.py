"""AuthZEN's subject, action and resource as the questions of Hallpass (contract: AuthZEN)."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from gateway.decisions.reading import (
    NOTHING,
    Json,
    MalformedError,
    known_members,
    object_of,
    optional_text,
    organization_of,
    properties_of,
    text_of,
)
from policy.decide import RoleChange
from policy.grant import ActiveRole
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, System
from resolvers.decisions import CheckAsked, StudentAsked
from resolvers.questions import ResponseAsked, RoleAsked, SessionAsked
from resolvers.references import read_id

USER: Final = "user"
CLIENT: Final = "client"
OPEN: Final = "open"
"""The one action on a system."""
_ENTITY: Final = frozenset({"type", "id", "properties"})
_ACTION: Final = frozenset({"name", "properties"})
MOST_SITES: Final = 200
MOST_STUDENTS: Final = 100_000


class Subject(NamedTuple):
    """`id` None: nothing has the id that was sent. A client holds no roles and is never anybody."""

    id: UUID | None
    is_client: bool = False
    active: ActiveRole | None = None
    organizations: frozenset[str] | None = None


class Action(NamedTuple):
    name: str
    program: ProgramCode | None = None
    school_year: SchoolYear | None = None
    assessment: str | None = None
    report: str | None = None
    change: RoleChange | None = None


def read_subject(value: object, *, searched: bool = False) -> Subject:
    """`searched`: the subject is what a search looks for, whose id is ignored. Raises MalformedError."""
    entity = known_members(object_of(value, "subject"), _ENTITY, "subject")
    if len(entity) == 2 and entity.get("type") == USER and type(entity.get("id")) is str and not searched:
        return _plain_user(entity["id"])
    kind = text_of(entity.get("type"), "subject.type")
    if kind not in (USER, CLIENT):
        raise MalformedError(f"subject.type is {kind[:40]!r}: a subject is a {USER} or a {CLIENT}.")
    identifier = None if searched else text_of(entity.get("id"), "subject.id")
    if kind == CLIENT:
        properties_of(entity, frozenset(), "subject")
        return Subject(None, is_client=True)
    properties = properties_of(entity, frozenset({"active_role"}), "subject")
    active = properties.get("active_role")
    found = read_id(identifier)
    if active is None:
        return Subject(found)
    role, organizations = _active_role(active)
    return Subject(found, False, role, organizations)


@lru_cache(maxsize=20_000)
def _plain_user(identifier: str) -> Subject:
    return Subject(read_id(text_of(identifier, "subject.id")))


_ROLE_MEMBERS: Final = frozenset({"program", "role", "school_year", "organizations"})


def _active_role(value: object) -> tuple[ActiveRole, frozenset[str] | None]:
    """As the claim `active_role` of a token has it; `organizations` narrows it to these."""
    where = "subject.properties.active_role"
    role = known_members(object_of(value, where), _ROLE_MEMBERS, where)
    year = optional_text(role, "school_year", where)
    active = ActiveRole(
        ProgramCode(text_of(role.get("program"), f"{where}.program")),
        RoleSlug(text_of(role.get("role"), f"{where}.role")),
        SchoolYear(year) if year else None,
    )
    if role.get("organizations") is None:
        return active, None
    return active, frozenset(_texts(role["organizations"], f"{where}.organizations"))


def _texts(value: object, what: str) -> list[str]:
    if type(value) is not list or not value:
        raise MalformedError(f"{what} must be a list of at least one text.")
    given = cast(list[object], value)
    if len(given) > MOST_SITES:
        raise MalformedError(f"{what} has {len(given)} entries: name at most {MOST_SITES}.")
    return [text_of(one, f"{what}[{index}]") for index, one in enumerate(given)]


_ACTION_PROPERTIES: Final = frozenset({"program", "school_year", "assessment", "report", "change"})
CHANGES: Final = {change.value: change for change in RoleChange}


def read_action(value: object, vocabulary: AbstractSet[Permission]) -> Action:
    """A permission of the vocabulary, or `open`. Raises MalformedError."""
    action = known_members(object_of(value, "action"), _ACTION, "action")
    name = text_of(action.get("name"), "action.name")
    if name not in vocabulary and name != OPEN:
        raise MalformedError(f"action.name is {name[:80]!r}, which is no permission.")
    properties = properties_of(action, _ACTION_PROPERTIES, "action")
    if not properties:
        return Action(name)
    where = "action.properties"
    program, year = optional_text(properties, "program", where), optional_text(properties, "school_year", where)
    change = optional_text(properties, "change", where)
    if change is not None and change not in CHANGES:
        raise MalformedError(f"{where}.change is {change[:40]!r}: write {', '.join(CHANGES)}.")
    return Action(
        name,
        ProgramCode(program) if program else None,
        SchoolYear(year) if year else None,
        optional_text(properties, "assessment", where),
        optional_text(properties, "report", where),
        CHANGES[change] if change else None,
    )


def resource_type(value: object, known: AbstractSet[str], *, searched: bool = False) -> tuple[str, str, Json]:
    """Type, id (of a search: empty) and the whole entity. Raises MalformedError."""
    entity = known_members(object_of(value, "resource"), _ENTITY, "resource")
    kind = text_of(entity.get("type"), "resource.type")
    if kind not in known:
        raise MalformedError(f"resource.type is {kind[:40]!r}: known here are {', '.join(sorted(known))}.")
    return kind, "" if searched else text_of(entity.get("id"), "resource.id"), entity


def check_of(subject: Subject, action: Action, resource: object) -> CheckAsked:
    """The question. Raises MalformedError: an unknown type, a wrong member, a combination that can't be."""
    kind, identifier, entity = resource_type(resource, RESOURCES)
    if len(entity) == 2 and kind in _PLAIN:
        return _plain_check(subject, action, kind, identifier)
    return _check(subject, action, kind, identifier, entity)


@lru_cache(maxsize=50_000)
def _plain_check(subject: Subject, action: Action, kind: str, identifier: str) -> CheckAsked:
    """The same object for the same question, by which its answer is remembered."""
    return replace(_check(subject, action, kind, identifier, NOTHING), lasting=True)


_PLAIN: Final = frozenset({"organization", "system"})
"""What is asked about by its id alone. A student's number is never kept."""


def _check(subject: Subject, action: Action, kind: str, identifier: str, entity: Json) -> CheckAsked:
    if (kind == "system") != (action.name == OPEN):
        raise MalformedError(f"The action {OPEN} and resources of type system belong together.")
    if (kind == "role_assignment") != (action.change is not None):
        raise MalformedError("action.properties.change and resources of type role_assignment belong together.")
    members: dict[str, Any] = {"program": action.program, "assessment": action.assessment}
    members |= _READERS[kind](identifier, entity, action)
    return CheckAsked(
        permission=None if kind == "system" else Permission(action.name),
        subject=subject.id,
        about_caller=False,
        acting_as=subject.active,
        acting_at=subject.organizations,
        school_year=action.school_year,
        report=action.report,
        **members,
    )


def _organization(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    del action
    properties_of(entity, frozenset(), "resource")
    return {"organization": organization_of(identifier), "targets": ("organization",)}


def _group(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    del action
    where = optional_text(properties_of(entity, _PLACED, "resource"), "organization", "resource.properties")
    return {
        "student_group": read_id(identifier),
        "group_organization": organization_of(where) if where else None,
        "group_placed": where is not None,
        "targets": ("studentGroup",),
    }


_PLACED: Final = frozenset({"organization"})


def _student(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    del action
    where = optional_text(properties_of(entity, _PLACED, "resource"), "organization", "resource.properties")
    place = organization_of(where) if where else None
    return {"student": StudentAsked(identifier, place, by_organization=where is not None), "targets": ("student",)}


def _user(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    del action
    match = optional_text(properties_of(entity, frozenset({"match"}), "resource"), "match", "resource.properties")
    if match not in (None, "any", "all"):
        raise MalformedError("resource.properties.match must be any or all.")
    return {"target_user": read_id(identifier), "every_place": match == "all", "targets": ("targetUser",)}


_SESSION: Final = frozenset({"organizations", "students", "assessment", "grade_band", "domain"})


def _session(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    del identifier
    where = "resource.properties"
    given = properties_of(entity, _SESSION, "resource")
    students = given.get("students")
    if type(students) is not int or not 1 <= students <= MOST_STUDENTS:
        raise MalformedError(f"{where}.students must be the number of students, 1 to {MOST_STUDENTS}.")
    sites = _texts(given.get("organizations"), f"{where}.organizations")
    assessment = optional_text(given, "assessment", where)
    if assessment is not None and action.assessment not in (None, assessment):
        raise MalformedError("The session's assessment and the action's are not the same.")
    session = SessionAsked(
        tuple(organization_of(one) for one in sites),
        students,
        optional_text(given, "grade_band", where),
        optional_text(given, "domain", where),
    )
    return {"session": session, "assessment": assessment or action.assessment, "targets": ("testSession",)}


def _response(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    del identifier, action
    given = properties_of(entity, frozenset({"organization", "assigned_to"}), "resource")
    where = text_of(given.get("organization"), "resource.properties.organization")
    scorer = optional_text(given, "assigned_to", "resource.properties")
    return {"response": ResponseAsked(organization_of(where), read_id(scorer)), "targets": ("response",)}


_ROLE: Final = frozenset({"user", "program", "role", "organization", "school_year"})


def _role(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    change = action.change or RoleChange.ASSIGN
    where = "resource.properties"
    if change is not RoleChange.ASSIGN:
        properties_of(entity, frozenset(), "resource")
        return {"role": RoleAsked(change, held=read_id(identifier)), "targets": ("roleAssignment",)}
    given = properties_of(entity, _ROLE, "resource")
    user = optional_text(given, "user", where)
    program = ProgramCode(text_of(given.get("program"), f"{where}.program"))
    if action.program not in (None, program):
        raise MalformedError("The role's program and the action's are not the same.")
    year = optional_text(given, "school_year", where)
    role = RoleAsked(
        change,
        user=read_id(user),
        for_somebody=user is not None,
        program=program,
        role=RoleSlug(text_of(given.get("role"), f"{where}.role")),
        organization=organization_of(text_of(given.get("organization"), f"{where}.organization")),
        school_year=SchoolYear(year) if year else None,
    )
    return {"role": role, "targets": ("roleAssignment",)}


def _system(identifier: str, entity: Json, action: Action) -> dict[str, Any]:
    del action
    properties_of(entity, frozenset(), "resource")
    return {"system": System(identifier), "targets": ("system",)}


_READERS: Final[Mapping[str, Callable[[str, Json, Action], dict[str, Any]]]] = {
    "organization": _organization,
    "response": _response,
    "role_assignment": _role,
    "student": _student,
    "student_group": _group,
    "system": _system,
    "test_session": _session,
    "user": _user,
}
RESOURCES: Final = frozenset(_READERS)
