"""`/account`: a person's own roles, security forms and sessions."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.answers import rows
from gateway.console.operations import ask
from gateway.console.shell import for_persons, page, viewer_of
from gateway.console.words import STATUSES, is_past, step
from gateway.signin.sessions import IDLE_LIMIT
from gateway.state import gateway_of
from policy.ids import UserId
from resolvers.references import read_id
from store.sessions import count_sessions


@for_persons
async def account(request: Request) -> Response:
    return await account_page(request)


async def account_page(request: Request, *, typed: str = "", error: str = "") -> Response:
    """The page; with what was typed as a new address and why that was refused."""
    viewer = viewer_of(await ask(request, "Account"))
    gateway = gateway_of(request)
    user = viewer["user"]
    roles = rows(user, "assignments", "nodes")
    person = read_id(user["id"])
    now = gateway.now()
    async with gateway.pool.acquire() as connection:
        sessions = await count_sessions(connection, UserId(person), now, now - IDLE_LIMIT) if person else 0
    packs = gateway.packs.current
    context = {
        "user": user,
        "held": [one for one in roles if not is_past(one)],
        "past": [one for one in roles if is_past(one)],
        "steps": {one["id"]: [step(missing, one, packs) for missing in rows(one, "missingSteps")] for one in roles},
        "statuses": STATUSES,
        "sessions": sessions,
        "asked": request.query_params.get("asked", "") == "address",
        "typed": typed,
        "error": error,
    }
    return page(request, "console/account.html", viewer, context, status=422 if error else 200)
