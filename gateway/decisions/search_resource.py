"""`/access/v1/search/resource`: where, or to whom, the subject may do this (AuthZEN 8.5)."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from gateway.decisions.asked import OPEN, Action, Subject, check_of, read_action, read_subject, resource_type
from gateway.decisions.reading import Json, MalformedError, properties_of
from gateway.decisions.searching import Search, searched
from policy.caller import PersonCaller, SystemCaller
from policy.ids import system_of
from resolvers.decision_facts import Asker
from resolvers.decision_searches import Found, search_allowed, search_groups, search_organizations, search_people

PATH: Final = "/access/v1/search/resource"
_SEARCHES: Final = {
    "organization": search_organizations,
    "student_group": search_groups,
    "user": search_people,
}
RESOURCES: Final = frozenset({*_SEARCHES, "system"})
_ANY_ID: Final = "any"


async def search_resource(request: Request, body: Json) -> bytes:
    kind = ""

    def read(asker: Asker) -> Search:
        nonlocal kind
        subject = read_subject(body.get("subject"))
        action = read_action(body.get("action"), asker.in_force.packs.vocabulary.keys())
        kind, _, entity = resource_type(body.get("resource"), RESOURCES, searched=True)
        properties_of(entity, frozenset(), "resource")
        return _systems(asker, subject, action) if kind == "system" else _of(kind, subject, action)

    def entity(found: str) -> Mapping[str, Any]:
        return {"type": kind, "id": found}

    return await searched(request, body, read, entity)


def _of(kind: str, subject: Subject, action: Action) -> Search:
    if action.name == OPEN:
        raise MalformedError(f"The action {OPEN} and resources of type system belong together.")
    check = check_of(subject, action, {"type": kind, "id": _ANY_ID})

    async def search(asker: Asker, after: str, limit: int) -> Found:
        return await _SEARCHES[kind](asker, check, after, limit)

    return search


def _systems(asker: Asker, subject: Subject, action: Action) -> Search:
    own = asker.caller.systems if isinstance(asker.caller, SystemCaller | PersonCaller) else None
    known = {system_of(name) for name in asker.in_force.packs.vocabulary}
    codes = sorted(known if own is None else known & own)
    checks = {str(code): check_of(subject, action, {"type": "system", "id": code}) for code in codes}

    async def search(asker: Asker, after: str, limit: int) -> Found:
        return await search_allowed(asker, checks, after, limit)

    return search
