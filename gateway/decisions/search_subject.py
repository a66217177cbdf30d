"""`/access/v1/search/subject`: who may do this to this resource (AuthZEN 8.4)."""

from typing import Final

from starlette.requests import Request

from gateway.decisions.asked import USER, check_of, read_action, read_subject, resource_type
from gateway.decisions.reading import Json, MalformedError
from gateway.decisions.searching import Search, searched
from resolvers.decision_facts import Asker
from resolvers.decision_searches import Found
from resolvers.subject_search import search_subjects

PATH: Final = "/access/v1/search/subject"
RESOURCES: Final = frozenset({"organization", "student_group", "user", "system"})


async def search_subject(request: Request, body: Json) -> bytes:
    def read(asker: Asker) -> Search:
        subject = read_subject(body.get("subject"), searched=True)
        if subject.is_client:
            raise MalformedError("Clients hold no roles: search for subjects of type user.")
        action = read_action(body.get("action"), asker.in_force.packs.vocabulary.keys())
        resource_type(body.get("resource"), RESOURCES)
        check = check_of(subject, action, body.get("resource"))

        async def search(asker: Asker, after: str, limit: int) -> Found:
            return await search_subjects(asker, check, after, limit)

        return search

    return await searched(request, body, read, lambda user: {"type": USER, "id": user})
