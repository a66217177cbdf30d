"""What the three searches do alike: pages in, pages out, all statements in one state of the database."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request

from gateway.decisions.exchange import exchange
from gateway.decisions.page_tokens import binding_of, check_version, read_token, write_token
from gateway.decisions.reading import NOTHING, Json, MalformedError, known_members, object_of, text_of
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from resolvers.decision_facts import Asker
from resolvers.decision_searches import Found
from store.access_version import AccessVersion
from store.pages import PageRefusedError

MOST_RESULTS: Final = 100
USUAL_RESULTS: Final = 50
_PAGE: Final = frozenset({"token", "limit"})
Search = Callable[[Asker, str, int], Awaitable[Found]]


async def searched(
    request: Request, body: Json, read: Callable[[Asker], Search], entity: Callable[[str], Mapping[str, Any]]
) -> bytes:
    """One page. `read` makes the search of the body (raises MalformedError), `entity` writes a result."""
    gateway, path = gateway_of(request), request.scope["path"]

    async def work(asker: Asker) -> bytes:
        token, limit = _page(body)
        binding = binding_of(path, body, asker.caller)
        version, position = (None, "") if token is None else read_token(gateway.secret_key, binding, token)
        found = await read(asker)(asker, position, limit)
        if token is not None:
            check_version(version, found.version)
        following = "" if found.next is None else write_token(gateway.secret_key, binding, found.version, found.next)
        page = {"next_token": following, "count": len(found.results)}
        return orjson.dumps(
            {"page": page, "context": _context(found), "results": [entity(one) for one in found.results]}
        )

    try:
        return await exchange(request, work, snapshot=True)
    except (MalformedError, PageRefusedError) as error:
        raise RefusedError(Kind.BAD_USER_INPUT, str(error)) from error


def _page(body: Json) -> tuple[str | None, int]:
    """Token and number of results. More than 100 are given as 100 and the next page's token."""
    given = body.get("page")
    page = NOTHING if given is None else known_members(object_of(given, "page"), _PAGE, "page")
    limit = page.get("limit", USUAL_RESULTS)
    if type(limit) is not int or limit < 1:
        raise MalformedError("page.limit must be a whole number above 0.")
    token = page.get("token")
    return (None if token in (None, "") else text_of(token, "page.token")), min(limit, MOST_RESULTS)


def _context(found: Found) -> dict[str, Any]:
    context: dict[str, Any] = {}
    if found.version is not None:
        context["access_version"] = AccessVersion(found.version).text
    if found.reason is not None:
        context["reason"] = found.reason.value
    return context
