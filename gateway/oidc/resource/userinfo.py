"""GET and POST `/oauth2/userinfo`: claims about the person, by the token's scopes (OpenID Connect Core 5.3)."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.answers import json_answer
from gateway.oidc.resource.bearer import Bearer, bearer_of
from gateway.oidc.resource.presented import invalid_token
from gateway.smarter.claims import CHAIN, chain_claim, person_attributes
from gateway.smarter.tenancy import surroundings
from gateway.state import gateway_of
from policy.scopes import ASSESSMENT, OPENID, SBAC, SCOPES
from store.sign_in import PersonRecord, person_record

PATH: Final = "/oauth2/userinfo"


async def userinfo(request: Request) -> Response:
    """The claims of the token's scopes, as they are now."""
    gateway = gateway_of(request)
    async with gateway.pool.acquire() as connection:
        bearer = await bearer_of(request, connection, OPENID)
        person = await person_record(connection, bearer.root.user)
        around = await surroundings(request, connection, bearer.epoch) if SBAC in bearer.scope else None
    if person is None:
        raise invalid_token("The token's person is unknown.")
    chains = None if around is None else chain_claim(bearer, around, gateway.settings.issuer)
    return json_answer(userinfo_claims(person, bearer.scope, _assessment(bearer), chains))


def userinfo_claims(
    person: PersonRecord, scope: Collection[str], assessment: Mapping[str, Any], chains: object | None
) -> dict[str, Any]:
    """What the scopes tell of the person. `assessment`: the claims of that scope; `chains`: that of scope `sbac`."""
    known = {**_claims(person), **assessment}
    if chains is not None:
        known |= person_attributes(person) | {CHAIN: chains}
    told = [claim for one, claims in SCOPES.items() if one in scope for claim in claims]
    return {claim: known[claim] for claim in told if claim in known}


def _assessment(bearer: Bearer) -> dict[str, Any]:
    """The claims of scope `assessment`, encoded once for as long as nothing changes."""
    if ASSESSMENT not in bearer.scope:
        return {}
    told, entitled = bearer.told, bearer.entitled
    return {
        "assessment": told.claim("assessment", entitled.context),
        "assessment_access": told.claim("assessment_access", lambda: list(entitled.details)),
    }


def _claims(person: PersonRecord) -> dict[str, Any]:
    claims = {
        "sub": str(person.user),
        "name": f"{person.first_name} {person.last_name}",
        "given_name": person.first_name,
        "family_name": person.last_name,
    }
    return claims | {"email": person.email} if person.email else claims
