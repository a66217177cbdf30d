"""A context: the role under which somebody acts, and the one organization to which she may have narrowed it (S4-06).

Each tab names its own, in its address (`as=`), programs in a header; the session's role is the default of those that
name none. What is named chooses among the roles that the person holds at this moment and proves nothing.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection

from gateway.refusals import Kind, RefusedError
from gateway.signin.active_role import acting_role, role_of_value
from policy.grant import Access, ActiveRole, narrowed_to_place, under
from policy.ids import OrganizationId
from policy.packs import Packs

PARAMETER: Final = "as"
HEADER: Final = "hallpass-context"
_IN_QUERY: Final = f"{PARAMETER}=".encode()
_HEADER: Final = HEADER.encode()
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Context:
    """`role` None: no role of hers counts; `place` None: wherever the role is held."""

    role: ActiveRole | None
    place: OrganizationId | None = None


class ContextEndedError(RefusedError):
    """The tab's role isn't held any more: nothing is done under another one in its stead."""

    def __init__(self) -> None:
        text = "You don't hold the role that this page acts under now. Go to the start page and choose another one."
        super().__init__(Kind.FORBIDDEN, text)


def is_held(context: Context, access: Access) -> bool:
    """Whether the person holds the role now and, where it is narrowed, at that organization."""
    if context.role is None or context.role not in access.roles():
        return False
    return bool(acting_in(access, context).effective)


def acting_in(access: Access, context: Context) -> Access:
    """What the person has in the context."""
    return narrowed_to_place(under(access, context.role), context.place)


def text_of(context: Context) -> str:
    """How addresses and the header name it: `program/role/year`, narrowed with `@` and the organization's id."""
    if context.role is None:
        return ""
    return context.role.text + ("" if context.place is None else f"@{context.place}")


def context_of(text: str, access: Access) -> Context | None:
    """The context that a text names, where the person holds it now."""
    value, narrowed, where = text.partition("@")
    role = role_of_value(access, value)
    try:
        place = OrganizationId(UUID(where)) if narrowed else None
    except ValueError:
        return None
    found = Context(role, place)
    return found if is_held(found, access) else None


def asked_context(request: HTTPConnection) -> str | None:
    """What the request names: in the header, else in its address. None: nothing."""
    for name, value in request.scope["headers"]:
        if name == _HEADER:
            return value.decode("latin-1")[:_LONGEST]
    if _IN_QUERY not in request.scope["query_string"]:
        return None
    return (request.query_params.get(PARAMETER) or "")[:_LONGEST] or None


def context_for(request: HTTPConnection, default: ActiveRole | None, access: Access, packs: Packs) -> Context:
    """The context of a request in a session whose role is `default`. Raises ContextEndedError."""
    asked = asked_context(request)
    if asked is None:
        return Context(acting_role(default, access, packs))
    found = context_of(asked, access)
    if found is None:
        raise ContextEndedError
    return found
