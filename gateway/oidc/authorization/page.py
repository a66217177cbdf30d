"""The pages of the authorize endpoint: no trusted way back, no access yet, another role needed."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.pages import render
from gateway.signin.active_role import role_choices
from gateway.signin.steps import held_back_roles
from gateway.state import gateway_of
from policy.grant import Access, ActiveRole
from policy.reasons import StepKind
from policy.redirects import origin_of
from policy.second_step import AAL2
from store.relying_parties import RelyingParty


def unreturnable_page(request: Request, sentence: str) -> Response:
    """400 without any redirect and without a link to where the request wanted to go."""
    context = {"message": sentence}
    return render(request, "signin/unreturnable.html", context, status=400)


def no_access_page(request: Request, client: RelyingParty, access: Access, leave: str) -> Response:
    """What is missing, role by role; `leave` tells the client access_denied."""
    packs = gateway_of(request).packs.current
    signing = any(step.kind is StepKind.FORM for one in access.withheld for step in one.missing)
    roles = held_back_roles(access.withheld, packs)
    stepping = any(step.kind is StepKind.SECOND_STEP for one in access.withheld for step in one.missing)
    here = f"{request.url.path}?{request.url.query}"
    step = "/signin?" + urlencode({"next": here, "acr": AAL2}) if stepping else ""
    context = {"system": client.label, "roles": roles, "signing": signing, "step": step, "leave": leave}
    return render(request, "signin/no_access.html", context, status=403)


def role_page(
    request: Request, access: Access, client: RelyingParty, roles: tuple[ActiveRole, ...], *, next_path: str, leave: str
) -> Response:
    """The roles with which the person could go on; choosing one leads back to `next_path`."""
    packs = gateway_of(request).packs.current
    origin = origin_of(leave)
    context = {
        "system": client.label,
        "choices": role_choices(roles, access, packs),
        "next": next_path,
        "leave": leave,
    }
    return render(request, "signin/role.html", context, form_targets=(origin,) if origin else ())
