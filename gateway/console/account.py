"""`/account`: everything about a person's own account, section by section."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.console import account_basics, consents, own_sessions, passkeys, second_step
from gateway.console.account_sections import NOTHING, Section, Typed, Visit, loaded
from gateway.console.operations import ask
from gateway.console.shell import SignedOutError, for_persons, page, viewer_of
from gateway.federation import own_links
from policy.ids import UserId
from resolvers.references import read_id

SECTIONS: Final[tuple[Section, ...]] = (
    account_basics.ROLES,
    account_basics.DATA,
    account_basics.PASSWORD,
    passkeys.SECTION,
    second_step.SECTION,
    own_links.SECTION,
    own_sessions.SECTION,
    consents.SECTION,
    account_basics.FORMS,
)
"""In the order of the page. A section of one's own: a `Section` in the module of its routes, named here."""


@for_persons
async def account(request: Request) -> Response:
    return await account_page(request)


async def account_page(request: Request, typed: Typed = NOTHING) -> Response:
    """The page; with what was typed in one of its forms and why that was refused."""
    viewer = viewer_of(await ask(request, "Account"))
    user = read_id(viewer["user"]["id"]) if viewer["user"] else None
    if user is None:
        raise SignedOutError
    sections = await loaded(SECTIONS, request, Visit(viewer, UserId(user), typed))
    refused = typed.error_of_email or typed.error_of_numbers
    return page(request, "console/account.html", viewer, {"sections": sections}, status=422 if refused else 200)
