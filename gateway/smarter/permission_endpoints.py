"""GET `/rest/role`, `/rest/component`, `/rest/permission`, `/rest/mapping`, `/rest/entity`: the permission service."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.packs_in_force import InForce
from gateway.smarter.answering import Endpoint, answered, asked, json_answer
from gateway.smarter.system_caller import system_asking
from gateway.state import gateway_of
from policy.scopes import SBAC_PERMISSIONS
from policy.smarter.permission_service import ANSWERS, Listed, NotFoundError, Question, envelope, listed_roles
from store.access_version import read_epoch
from store.smarter_mapping import shipped_mapping

_KNOWN: Final = frozenset({"role", "component", "permission"})


def permission_endpoint(name: str) -> Endpoint:
    """The endpoint of one of `policy.smarter.permission_service.ANSWERS`."""
    answer = ANSWERS[name]

    @answered
    async def endpoint(request: Request) -> Response:
        listed = _listed(request, await _in_force(request))
        given = asked(request, _KNOWN)
        try:
            return json_answer(envelope(answer(listed, Question(**given))))
        except NotFoundError as error:
            return json_answer(envelope(None, str(error)), 404)

    return endpoint


async def _in_force(request: Request) -> InForce:
    """The packs and years of now, once it is known that the caller may ask."""
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        if gateway.settings.smarter_open_permissions and "authorization" not in request.headers:
            return await gateway.packs.in_force(connection, await read_epoch(connection))
        return (await system_asking(request, connection, SBAC_PERMISSIONS)).in_force


def _listed(request: Request, in_force: InForce) -> tuple[Listed, ...]:
    """Worked out once for the packs and years in force."""
    state = request.app.state
    known: tuple[InForce, tuple[Listed, ...]] | None = getattr(state, "smarter_listed", None)
    if known is None or known[0] is not in_force:
        known = in_force, listed_roles(shipped_mapping(), in_force.packs, in_force.years)
        state.smarter_listed = known
    return known[1]
