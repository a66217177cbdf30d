"""The sections of `/account` about roles, personal data, the password and security forms."""

from collections.abc import Mapping

from starlette.requests import Request

from gateway.console.account_sections import Section, Visit
from gateway.console.answers import rows
from gateway.console.words import STATUSES, is_past, step
from gateway.state import gateway_of


async def _roles(request: Request, visit: Visit) -> Mapping[str, object]:
    packs = gateway_of(request).packs.current
    roles = rows(visit.viewer["user"], "assignments", "nodes")
    return {
        "held": [one for one in roles if not is_past(one)],
        "past": [one for one in roles if is_past(one)],
        "steps": {one["id"]: [step(missing, one, packs) for missing in rows(one, "missingSteps")] for one in roles},
        "statuses": STATUSES,
    }


async def _data(request: Request, visit: Visit) -> Mapping[str, object]:
    user, typed = visit.viewer["user"], visit.typed
    return {
        "email": user["email"],
        "asked": request.query_params.get("asked", "") == "address",
        "done": request.query_params.get("done", "") == "numbers",
        "phone": user["phone"] if typed.phone is None else typed.phone,
        "fax": user["fax"] if typed.fax is None else typed.fax,
        "typed": typed,
    }


async def _password(request: Request, visit: Visit) -> Mapping[str, object]:
    return {}


async def _forms(request: Request, visit: Visit) -> Mapping[str, object]:
    return {"forms": rows(visit.viewer["user"], "securityForms")}


ROLES = Section("roles", "Roles and access", "console/account/roles.html", _roles)
DATA = Section("data", "Address and numbers", "console/account/data.html", _data)
PASSWORD = Section("password", "Password", "console/account/password.html", _password)
FORMS = Section("forms", "Security forms", "console/account/forms.html", _forms)
