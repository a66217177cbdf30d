"""`/access/v1/search/action`: which permissions the subject has for this resource (AuthZEN 8.6)."""

from typing import Final

from starlette.requests import Request

from gateway.decisions.asked import OPEN, Action, check_of, read_subject, resource_type
from gateway.decisions.reading import Json, MalformedError
from gateway.decisions.searching import Search, searched
from policy.caller import PersonCaller, SystemCaller
from policy.ids import system_of
from resolvers.decision_facts import Asker
from resolvers.decision_searches import Found, search_allowed

PATH: Final = "/access/v1/search/action"
RESOURCES: Final = frozenset({"organization", "student_group", "user", "system"})


async def search_action(request: Request, body: Json) -> bytes:
    def read(asker: Asker) -> Search:
        if body.get("action") is not None:
            raise MalformedError("A search for actions names no action: leave it out.")
        subject, resource = read_subject(body.get("subject")), body.get("resource")
        kind, _, _ = resource_type(resource, RESOURCES)
        names = [OPEN] if kind == "system" else sorted(asker.in_force.packs.vocabulary)
        own = asker.caller.systems if isinstance(asker.caller, SystemCaller | PersonCaller) else None
        if own is not None and kind != "system":
            names = [name for name in asker.in_force.packs.vocabulary if system_of(name) in own]
        checks = {name: check_of(subject, Action(name), resource) for name in names}

        async def search(asker: Asker, after: str, limit: int) -> Found:
            return await search_allowed(asker, checks, after, limit)

        return search

    return await searched(request, body, read, lambda name: {"name": name})
