"""The attributes of scope `sbac`: who somebody is and where she holds which role, as components name it."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.requests import HTTPConnection

from gateway.oidc.authorization.entitlement import Entitlement
from gateway.oidc.authorization.resources import resources_of
from gateway.oidc.resource.bearer import Bearer
from gateway.oidc.token.tokens import LONGEST_JWT
from gateway.smarter.tenancy import Surroundings, surroundings
from gateway.state import gateway_of
from policy.smarter.chain import joined
from policy.smarter.emission import Audience, chains_of, held_roles
from store.database import Connection
from store.relying_parties import RelyingParty
from store.sign_in import PersonRecord, person_record
from store.smarter_mapping import shipped_mapping

CHAIN: Final = "sbacTenancyChain"


def person_attributes(person: PersonRecord) -> dict[str, Any]:
    """Everything but the chains; what the account lacks is left out."""
    told = {
        "sbacUUID": str(person.user),
        "mail": person.email,
        "givenName": person.first_name,
        "sn": person.last_name,
        "cn": f"{person.first_name} {person.last_name}".strip(),
        "telephoneNumber": person.phone,
    }
    return {name: value for name, value in told.items() if value}


def tenancy_chains(entitled: Entitlement, client: RelyingParty, around: Surroundings, issuer: str) -> tuple[str, ...]:
    """The chains of the client's own systems, for the role or roles that it is told of."""
    audience = Audience(
        frozenset(client.systems), resources_of(client, issuer), entitled.details if entitled.narrowed else None
    )
    roles = held_roles(entitled.acting, shipped_mapping(), audience)
    return chains_of(roles, around.tenancy, around.names.leas)


def chain_claim(bearer: Bearer, around: Surroundings, issuer: str) -> orjson.Fragment:
    """The chains as a JSON array, encoded once for as long as nothing changes."""
    return bearer.told.claim(CHAIN, lambda: list(tenancy_chains(bearer.entitled, bearer.client, around, issuer)))


async def sbac_claims(
    request: HTTPConnection, connection: Connection, entitled: Entitlement, client: RelyingParty, epoch: int
) -> dict[str, Any]:
    """The person's attributes for an ID token: chains that no token has room for are left to userinfo.

    Empty where the account is gone.
    """
    person = await person_record(connection, entitled.acting.user)
    if person is None:
        return {}
    around = await surroundings(request, connection, epoch)
    chains = tenancy_chains(entitled, client, around, gateway_of(request).settings.issuer)
    return id_token_attributes(person, chains)


def id_token_attributes(person: PersonRecord, chains: Sequence[str]) -> dict[str, Any]:
    """The same attributes with the chains, where a token could have room for them."""
    told = person_attributes(person)
    return told if len(joined(chains)) > LONGEST_JWT else told | {CHAIN: list(chains)}
