"""A claims preview: what a relying party would be told of a person if she came now; nothing is signed or kept.

The same functions decide and write as for a real authorization request: `authorization_decision.decide`,
`tokens.person_response`, `userinfo.userinfo_claims`. Only the signature is missing, and the text without it stays here.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from gateway.access_cache import AccessCache, today_of
from gateway.oidc.authorization.decision import ChooseRole, Enter, Outcome, decide
from gateway.oidc.authorization.entering import AUTHORIZATION_LIFE
from gateway.oidc.authorization.entitlement import UNION, Entitlement, held_back, roles_that_enter
from gateway.oidc.authorization.request import AuthorizationRequest, authorization_request
from gateway.oidc.consent.covering import asks
from gateway.oidc.errors import OAuth2Error, error_parameters
from gateway.oidc.parameters import Parameters
from gateway.oidc.resource.userinfo import userinfo_claims
from gateway.oidc.token.tokens import Mint, assessment_claims, person_response
from gateway.signin.active_role import acting_role, stored_role
from gateway.smarter.claims import id_token_attributes, tenancy_chains
from gateway.smarter.tenancy import Surroundings, tenancy_of
from gateway.state import Gateway
from policy.facts import UserStatus
from policy.grant import Access, Withheld, under
from policy.packs import Packs
from policy.scopes import PERSON_SCOPES, SBAC, SCOPES
from policy.second_step import AAL2
from resolvers.previews import Preview, PreviewAsked, PreviewRefusal, PreviewStep
from store.access_version import read_epoch
from store.authorizations import Authorization
from store.people import load_person
from store.relying_parties import RelyingParty, find_relying_party
from store.sign_in import PersonRecord, person_record
from store.smarter_people import load_names
from store.standing import Standing

_AMR: Final = ("pwd", "otp", "mfa")
_CHALLENGE: Final = "A" * 43
_OF_ONE_TOKEN: Final = ("jti", "at_hash", "authorization", "sid")
"""Claims that name one token, session or authorization: there is none."""
_SIGNATURE: Final = {"ES256": 86, "RS256": 342}
"""Characters of a signature, so that what has no room in a token has none here."""
_KID: Final = "k" * 43


@dataclass(frozen=True, slots=True)
class _Facts:
    client: RelyingParty
    person: PersonRecord
    access: Access
    packs: Packs
    version: int
    around: Surroundings


@dataclass(frozen=True, slots=True)
class _Unsigned:
    """Stands for a signing key: as long a text, without a signature."""

    alg: str

    def sign(self, claims: Mapping[str, object], typ: str) -> str:
        header = orjson.dumps({"alg": self.alg, "kid": _KID, "typ": typ})
        parts = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, orjson.dumps(claims)))
        return ".".join((*parts, "~" * _SIGNATURE[self.alg]))


class _UnsignedKeys:
    def signer(self, alg: str, now: datetime) -> _Unsigned:
        return _Unsigned(alg)


async def preview(gateway: Gateway, asked: PreviewAsked) -> Preview:
    """She has just signed in, with a second step. The relying party and the person exist."""
    facts = await _facts(gateway, asked)
    if facts is None:
        return _refused("UNKNOWN", "The relying party or the person is unknown.", "Look it up again.")
    unusable = _unusable(facts)
    if unusable is not None:
        return Preview(unusable)
    issuer = gateway.settings.issuer
    try:
        request = _request(facts.client, asked, issuer)
        chosen = asked.role or acting_role(None, facts.access, facts.packs)
        outcome = decide(request, facts.access, chosen, issuer=issuer, version=facts.version)
    except OAuth2Error as error:
        told = error_parameters(error)
        return _refused(told["error"].upper(), told.get("error_description", ""), "Change the request or registration.")
    roles = tuple(role.text for role in roles_that_enter(facts.access, facts.client))
    if not isinstance(outcome, Enter):
        return replace(_kept_out(facts, asked, outcome), roles=roles)
    return replace(_told(gateway, facts, request, outcome.entitled), roles=roles)


async def _facts(gateway: Gateway, asked: PreviewAsked) -> _Facts | None:
    async with gateway.pool.acquire() as connection:
        client = await find_relying_party(connection, asked.client_id)
        person, loaded = await person_record(connection, asked.user), await load_person(connection, asked.user)
        if client is None or person is None or loaded is None:
            return None
        epoch = await read_epoch(connection)
        in_force = await gateway.packs.in_force(connection, epoch)
        standing = Standing(asked.user, loaded.person.status, loaded.version, epoch, AAL2)
        held = await AccessCache().held(connection, standing, in_force, today_of(gateway.settings, gateway.now()))
        names = await load_names(connection)
    around = Surroundings(tenancy_of(gateway.settings, names), names, epoch)
    return _Facts(client, person, held.access, in_force.packs, standing.version, around)


def _unusable(facts: _Facts) -> PreviewRefusal | None:
    """What ends a request before the person's roles are looked at."""
    if not facts.client.active:
        return PreviewRefusal("INACTIVE", "The relying party is not active.", "Activate it.")
    if "authorization_code" not in facts.client.grant_types or not facts.client.redirect_uris:
        text = "The relying party signs nobody in: it is registered without authorization_code."
        return PreviewRefusal("NO_PEOPLE", text, "Ask about one that does.")
    status = facts.access.status
    if status is not UserStatus.ACTIVE:
        return PreviewRefusal("ACCOUNT", f"The account is {status.value}.", "The person's page says what to do.")
    return None


def _request(client: RelyingParty, asked: PreviewAsked, issuer: str) -> AuthorizationRequest:
    """A good authorization request of the relying party. Raises OAuth2Error, as the authorize endpoint answers."""
    scope = asked.scope or tuple(one for one in SCOPES if one in client.scopes and one in PERSON_SCOPES)
    parameters = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": client.redirect_uris[0],
        "scope": " ".join(scope), "code_challenge": _CHALLENGE, "code_challenge_method": "S256",
        "resource": asked.resource or "",
    }  # fmt: skip
    pushed = b"" if client.require_par else None
    return authorization_request(Parameters(parameters.items()), client, issuer, pushed=pushed)


def _kept_out(facts: _Facts, asked: PreviewAsked, outcome: Outcome) -> Preview:
    """Why she doesn't get in: another role would, or steps are missing."""
    withheld = held_back(facts.access if asked.role is None else under(facts.access, asked.role), facts.client).withheld
    steps = tuple(_step(one) for one in withheld)
    if asked.role is not None and asked.role not in facts.access.roles():
        text = f"She doesn't hold the role {asked.role.text} so that it counts now."
        remedy = "Do the missing steps." if steps else "Name one of her roles."
        return Preview(PreviewRefusal("ROLE_NOT_HELD", text, remedy), steps=steps)
    if isinstance(outcome, ChooseRole):
        text = "Her role gives nothing in these systems; she would be asked to choose one that does."
        return Preview(PreviewRefusal("CHOOSE_ROLE", text, "Preview one of them."), steps=steps)
    text = "No role of hers gives anything in these systems now: she would see why, and the client access_denied."
    remedy = "Do the missing steps." if steps else "Give her a role there."
    return Preview(PreviewRefusal("NO_ACCESS", text, remedy), steps=steps)


def _told(gateway: Gateway, facts: _Facts, request: AuthorizationRequest, entitled: Entitlement) -> Preview:
    client, now, scope = facts.client, gateway.now(), request.scope
    chains = None
    if SBAC in scope:
        chains = tenancy_chains(entitled, client, facts.around, gateway.settings.issuer)
        entitled = replace(entitled, further=id_token_attributes(facts.person, chains))
    root = Authorization(
        gateway.new_id(), client.client_id, facts.person.user, gateway.new_id(), " ".join(scope), request.resource,
        request.details, None, now, AAL2, _AMR, entitled.active, now, now + AUTHORIZATION_LIFE,
    )  # fmt: skip
    bound_to = _KID if client.dpop_bound else None
    mint = Mint(gateway.settings.issuer, _UnsignedKeys(), now, gateway.new_id, gateway.new_token, bound_to)
    body = person_response(mint, client, root, entitled, scope=root.scope, nonce=None)
    shown = userinfo_claims(facts.person, scope, assessment_claims(entitled), None if chains is None else list(chains))
    return Preview(
        role=None if client.role_mode == UNION or entitled.active is None else entitled.active.text,
        consent=asks(client, request.redirect_uri, ()).name,
        id_token=_claims(body["id_token"]) if "id_token" in body else None,
        access_token=_claims(body["access_token"]),
        userinfo=orjson.dumps(shown).decode() if "id_token" in body else None,
        tenancy_chains=chains,
    )


def _claims(token: str) -> str:
    """What an unsigned token says, without what names it."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return orjson.dumps({name: value for name, value in claims.items() if name not in _OF_ONE_TOKEN}).decode()


def _step(one: Withheld) -> PreviewStep:
    held = one.assignment
    role = stored_role(held.program, held.role, held.school_year)
    missing = tuple(f"{step.kind}:{step.name}".rstrip(":") for step in one.missing)
    where = f"{held.organization.level}:{held.organization.code}"
    return PreviewStep(role.text, where, missing or (str(one.reason),))


def _refused(code: str, message: str, remedy: str) -> Preview:
    return Preview(PreviewRefusal(code, message, remedy))
