"""A registration as its fields are shown: everything but secrets, of which there are only their number and age."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policy.grants import OWN_SYSTEM
from policy.ids import System
from store.registration_reports import RegistrationReport


@dataclass(frozen=True, slots=True)
class SystemView:
    code: System
    resource: str | None


@dataclass(frozen=True, slots=True)
class SecretView:
    since: datetime | None


@dataclass(frozen=True, slots=True)
class RegistrationView:
    client_id: str
    label: str
    active: bool
    systems: list[SystemView]
    auth_method: str
    secrets: list[SecretView]
    jwks: str | None
    grant_types: list[str]
    scopes: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    launch_uri: str | None
    backchannel_logout_uri: str | None
    role_mode: str
    id_token_alg: str
    changes_by: str
    first_party: bool
    dpop_bound: bool
    require_par: bool
    legacy: bool
    created_at: datetime
    changed_at: datetime | None
    version: int


def view_of(report: RegistrationReport, issuer: str) -> RegistrationView:
    """`issuer`: what tokens for the gateway's own system are for."""
    client = report.client
    resources = {**client.resources, OWN_SYSTEM: issuer}
    return RegistrationView(
        client_id=client.client_id,
        label=client.label,
        active=client.active,
        systems=[SystemView(one, resources.get(one)) for one in client.systems],
        auth_method=client.auth_method,
        secrets=[SecretView(one) for one in report.secrets_since],
        jwks=None if client.jwks is None else _json(dict(client.jwks)),
        grant_types=sorted(client.grant_types),
        scopes=sorted(client.scopes),
        redirect_uris=list(client.redirect_uris),
        post_logout_redirect_uris=list(client.post_logout_redirect_uris),
        launch_uri=client.launch_uri,
        backchannel_logout_uri=client.backchannel_logout_uri,
        role_mode=client.role_mode,
        id_token_alg=client.id_token_alg,
        changes_by=client.changes_by,
        first_party=client.first_party,
        dpop_bound=client.dpop_bound,
        require_par=client.require_par,
        legacy=client.legacy,
        created_at=report.created_at,
        changed_at=report.changed_at,
        version=report.version,
    )


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)
