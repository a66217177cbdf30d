"""GET and POST `/oauth2/userinfo`: claims about the person, by the token's scopes (OpenID Connect Core 5.3)."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.answers import json_answer
from gateway.oidc.bearer import bearer_of
from gateway.oidc.presented import invalid_token
from gateway.oidc.scopes import OPENID, SCOPES
from gateway.oidc.tokens import assessment_claims
from gateway.state import gateway_of
from store.sign_in import PersonRecord, person_record

PATH: Final = "/oauth2/userinfo"


async def userinfo(request: Request) -> Response:
    """The claims of the token's scopes, as they are now."""
    async with gateway_of(request).pool.acquire() as connection:
        bearer = await bearer_of(request, connection, OPENID)
        person = await person_record(connection, bearer.root.user)
    if person is None:
        raise invalid_token("The token's person is unknown.")
    known = _claims(person) | assessment_claims(bearer.entitled)
    told = [claim for scope, claims in SCOPES.items() if scope in bearer.scope for claim in claims]
    return json_answer({claim: known[claim] for claim in told if claim in known})


def _claims(person: PersonRecord) -> dict[str, Any]:
    claims = {
        "sub": str(person.user),
        "name": f"{person.first_name} {person.last_name}",
        "given_name": person.first_name,
        "family_name": person.last_name,
    }
    return claims | {"email": person.email} if person.email else claims
