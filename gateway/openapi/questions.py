"""Schemas of what the decision API is asked: subjects, actions and resources, from the tables that read them."""

from collections.abc import Mapping
from typing import Final

from gateway.decisions import search_action, search_resource, search_subject
from gateway.decisions.asked import CHANGES, CLIENT, MOST_SITES, MOST_STUDENTS, OPEN, RESOURCES, USER
from gateway.decisions.evaluations import SEMANTIC, SEMANTICS
from gateway.decisions.searching import MOST_RESULTS, USUAL_RESULTS
from gateway.openapi.schemas import TEXT, Schema, described, listed, members, one_of, open_members, ref
from resolvers.decisions import MOST_CHECKS
from store.shipped_packs import vocabulary

_PLACE: Final = described(TEXT, "An organization: its id, or level and code, as `school:19647331930000`.")
_SITES: Final = listed(_PLACE, minItems=1, maxItems=MOST_SITES)
_PERSON: Final = described(TEXT, "A user's id, which is also `sub` in tokens.")
_PROPERTIES: Final[Mapping[str, Schema]] = {
    "assessment": TEXT,
    "assigned_to": _PERSON,
    "domain": TEXT,
    "grade_band": TEXT,
    "match": described(one_of(("any", "all")), "Any of the person's places within reach (the default), or every one."),
    "organization": _PLACE,
    "organizations": _SITES,
    "program": TEXT,
    "role": TEXT,
    "school_year": TEXT,
    "students": {"type": "integer", "minimum": 1, "maximum": MOST_STUDENTS},
    "user": _PERSON,
}
RESOURCE_PROPERTIES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "organization": ((), ()),
    "response": (("organization",), ("assigned_to",)),
    "role_assignment": ((), ("user", "program", "role", "organization", "school_year")),
    "student": ((), ("organization",)),
    "student_group": ((), ("organization",)),
    "system": ((), ()),
    "test_session": (("organizations", "students"), ("assessment", "grade_band", "domain")),
    "user": ((), ("match",)),
}
"""Type -> names of the properties that it must have and may have."""
_RESOURCE_WORDS: Final[Mapping[str, str]] = {
    "organization": f"{_PLACE['description']}",
    "response": "An answer to be scored, by the id that the asking system gave it; who it was assigned to is its word.",
    "role_assignment": "To assign: the role in `properties`, any id. To remove or designate: the id of an assignment.",
    "student": "By SSID. Its school is the asking system's word; without it only a student group can allow.",
    "student_group": "By id; one that the asking system holds itself with its organization.",
    "system": f"A downstream system by its code, for the action `{OPEN}` alone.",
    "test_session": "A session to be started, at every organization that it spans.",
    "user": "A person to be seen or changed.",
}
_ACTION_PROPERTIES: Final[Mapping[str, Schema]] = {
    "program": TEXT,
    "school_year": TEXT,
    "assessment": TEXT,
    "report": TEXT,
    "change": described(one_of(CHANGES), "With resources of type role_assignment, and only with them."),
}

_ACTING: Final[Mapping[str, Schema]] = {"properties": members({}, {"active_role": ref("ActiveRole")})}
_TOKEN: Final[Schema] = {"type": "string", "maxLength": TEXT["maxLength"]}
_MOST_WORDS: Final = f"At most {MOST_RESULTS} are given in one page, whatever is asked for."


def _entity(kind: str, *, searched: bool = False) -> Schema:
    kinds = one_of((kind,))
    if searched:
        return members({"type": kinds}, {"id": TEXT})
    must, may = RESOURCE_PROPERTIES[kind]
    given = {"type": kinds, "id": TEXT}
    if not must and not may:
        return members(given, description=_RESOURCE_WORDS[kind])
    names = [{name: _PROPERTIES[name] for name in some} for some in (must, may)]
    properties = {"properties": members(*names)}
    known = members({**given, **properties}) if must else members(given, properties)
    return described(known, _RESOURCE_WORDS[kind])


def _name(kind: str) -> str:
    return "".join(part.title() for part in kind.split("_")) + "Resource"


def _any_of(kinds: list[str]) -> Schema:
    mapping = {kind: f"#/components/schemas/{_name(kind)}" for kind in kinds}
    return {
        "oneOf": [ref(_name(kind)) for kind in kinds],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def question_schemas() -> Mapping[str, Schema]:
    permissions = [*vocabulary(), OPEN]
    active = {"program": TEXT, "role": TEXT}
    return {
        "Permission": described(one_of(permissions), f"What one may do; `{OPEN}` goes with resources of type system."),
        "ActiveRole": members(active, {"school_year": TEXT, "organizations": _SITES}),
        "UserSubject": members({"type": one_of((USER,)), "id": _PERSON}, _ACTING),
        "ClientSubject": members(
            {"type": one_of((CLIENT,)), "id": TEXT},
            description="A client holds no roles and is never allowed anything.",
        ),
        "Subject": {
            "oneOf": [ref("UserSubject"), ref("ClientSubject")],
            "discriminator": {
                "propertyName": "type",
                "mapping": {name: f"#/components/schemas/{name.title()}Subject" for name in (USER, CLIENT)},
            },
        },
        "Action": members({"name": ref("Permission")}, {"properties": members({}, _ACTION_PROPERTIES)}),
        **{_name(kind): _entity(kind) for kind in sorted(RESOURCES)},
        "Resource": _any_of(sorted(RESOURCES)),
        "Context": {
            "type": "object",
            "properties": {
                "at_least_version": described(
                    TEXT, "An access version that was given to you: the answer must have seen it."
                )
            },
        },
        **_requests(),
    }


def _requests() -> Mapping[str, Schema]:
    whole: dict[str, Schema] = {name: ref(name.title()) for name in ("subject", "action", "resource")}
    context = {"context": ref("Context")}
    page = {"page": ref("PageAsked")}
    searched_user = members({"type": one_of((USER,))}, {"id": TEXT, **_ACTING})
    return {
        "EvaluationRequest": open_members(whole, context),
        "EvaluationsRequest": open_members({}, whole | context | _several(whole | context)),
        "PageAsked": members(
            {},
            {
                "token": described(_TOKEN, "Of the page before, with the same question; empty: the first page."),
                "limit": {"type": "integer", "minimum": 1, "default": USUAL_RESULTS, "description": _MOST_WORDS},
            },
        ),
        "SubjectSearchRequest": open_members(
            {
                "subject": searched_user,
                "action": ref("Action"),
                "resource": _any_of(sorted(search_subject.RESOURCES)),
            },
            context | page,
        ),
        "ResourceSearchRequest": open_members(
            {
                "subject": ref("Subject"),
                "action": ref("Action"),
                "resource": {"oneOf": [_entity(kind, searched=True) for kind in sorted(search_resource.RESOURCES)]},
            },
            context | page,
        ),
        "ActionSearchRequest": open_members(
            {"subject": ref("Subject"), "resource": _any_of(sorted(search_action.RESOURCES))}, context | page
        ),
    }


def _several(question: Mapping[str, Schema]) -> dict[str, Schema]:
    semantics = described(one_of(SEMANTICS), "Whether to go on, or to end with the first denial or permission.")
    return {
        "evaluations": listed(
            open_members({}, question),
            maxItems=MOST_CHECKS,
            description="Members of a question stand for those of the request, as a whole.",
        ),
        "options": {"type": "object", "properties": {SEMANTIC: semantics}},
    }
