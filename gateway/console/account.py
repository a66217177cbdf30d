"""`/account`: a person's own roles, security forms and sessions."""

from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and refused, and why; None: nothing was."""

    email: str = ""
    error_of_email: str = ""
    phone: str | None = None
    fax: str | None = None
    error_of_numbers: str = ""


NOTHING: Final = Typed()


async def account_page(request: Request, typed: Typed = NOTHING) -> Response:
    """The page; with what was typed in one of its forms and why that was refused."""
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
        "done": request.query_params.get("done", "") == "numbers",
        "phone": user["phone"] if typed.phone is None else typed.phone,
        "fax": user["fax"] if typed.fax is None else typed.fax,
        "typed": typed,
    }
    refused = typed.error_of_email or typed.error_of_numbers
    return page(request, "console/account.html", viewer, context, status=422 if refused else 200)
