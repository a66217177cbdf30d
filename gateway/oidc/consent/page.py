"""The consent page: which system wants what of the person, for which role, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.authorization.details import Detail
from gateway.oidc.authorization.entitlement import Entitlement, roles_that_enter
from gateway.oidc.authorization.request import AuthorizationRequest
from gateway.oidc.authorization.resources import resources_of
from gateway.oidc.consent.covering import Asks, asks
from gateway.oidc.consent.form import ConsentForm, sealed_form
from gateway.oidc.consent.words import told
from gateway.pages import render
from gateway.permission_words import sentence
from gateway.signin.active_role import role_label
from gateway.state import gateway_of
from policy.grant import Access
from policy.ids import Permission
from policy.packs import Packs
from policy.redirects import origin_of
from store.relying_parties import RelyingParty
from store.sign_in import PersonRecord

PATH: Final = "/oauth2/consent"
FIELD: Final = "consent"
_MOST_PHRASES: Final = 8
_MOST_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page tells of: the request and what it comes to for this person now."""

    request: AuthorizationRequest
    entitled: Entitlement
    access: Access
    person: PersonRecord


def consent_page(request: Request, wanted: Wanted, form: ConsentForm) -> Response:
    """200 with a form that allows or refuses; it may lead to the relying party and nowhere else."""
    gateway = gateway_of(request)
    client, packs = wanted.request.client, gateway.packs.current
    origin = origin_of(wanted.request.redirect_uri)
    context = {
        "action": PATH,
        "field": FIELD,
        "sealed": sealed_form(gateway.secret_key, form),
        "system": client.label,
        "host": urlsplit(wanted.request.redirect_uri).netloc,
        "told": told(wanted.request.scope, wanted.person),
        "roles": _roles(wanted, packs),
        "places": _places(wanted.entitled),
        "more_places": max(len(wanted.entitled.organizations) - _MOST_PLACES, 0),
        "access": _access(wanted.entitled.details, client, gateway.settings.issuer, packs),
        "each_time": asks(client, wanted.request.redirect_uri, ()) is Asks.ALWAYS,
        "first_party": client.first_party,
        "name": f"{wanted.person.first_name} {wanted.person.last_name}".strip(),
    }
    return render(request, "signin/consent.html", context, form_targets=(origin,) if origin else ())


def _roles(wanted: Wanted, packs: Packs) -> list[str]:
    """The role that is told; of a relying party that is told all of them together, each."""
    active = wanted.entitled.active
    told_of = roles_that_enter(wanted.access, wanted.request.client) if active is None else (active,)
    return [role_label(one, packs) for one in told_of]


def _places(entitled: Entitlement) -> list[str]:
    return sorted(one.name for one in entitled.organizations)[:_MOST_PLACES]


def _access(details: Sequence[Detail], client: RelyingParty, issuer: str, packs: Packs) -> str:
    """What the person may do there, in the vocabulary's phrases."""
    systems = {uri: system for system, uri in resources_of(client, issuer).items()}
    permissions = [
        Permission(f"{systems[location]}:{action}")
        for one in details
        for location in one["locations"]
        for action in one["actions"]
        if location in systems
    ]
    return sentence(permissions, packs.vocabulary, _MOST_PHRASES)
