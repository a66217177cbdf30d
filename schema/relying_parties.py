"""Relying parties as the state's integration administrator sees them: everything but secrets."""

from __future__ import annotations

from datetime import datetime

import strawberry

from policy.access import AccessTarget as Target
from schema.directives import PUBLIC, access, rule
from schema.sizes import listed

MANAGE_RELYING_PARTIES = access(rule("hallpass:state:relying-parties", Target.STATE))
"""The state's integration administrator."""
ROTATE_KEYS = access(rule("hallpass:state:keys", Target.STATE))


@strawberry.type(directives=[PUBLIC], description="A system of a relying party. Reached through guarded fields only.")
class RelyingPartySystem:
    code: str | None
    resource: str | None = strawberry.field(description="The audience of tokens for it (RFC 8707).")


@strawberry.type(directives=[PUBLIC], description="One secret that is good now; the secret itself is kept nowhere.")
class RelyingPartySecret:
    since: datetime | None = strawberry.field(description="Null: nobody knows.")


@strawberry.type(
    directives=[MANAGE_RELYING_PARTIES], description="A downstream system as an OAuth client, as it is registered."
)
class RelyingParty:
    client_id: str | None
    label: str | None = strawberry.field(description="What people read.")
    active: bool | None
    systems: list[RelyingPartySystem] | None = listed(20, description="The first one is the default audience.")
    auth_method: str | None = strawberry.field(
        description="private_key_jwt, client_secret_basic, client_secret_post or none."
    )
    secrets: list[RelyingPartySecret] | None = listed(2, description="Those that are good, the newest first.")
    jwks: str | None = strawberry.field(description="Its public keys (RFC 7517), a JSON object.")
    grant_types: list[str] | None
    scopes: list[str] | None
    redirect_uris: list[str] | None
    post_logout_redirect_uris: list[str] | None
    launch_uri: str | None = strawberry.field(description="Where the start page links to.")
    backchannel_logout_uri: str | None
    role_mode: str | None = strawberry.field(description="active-role or union: what it is told of a person's roles.")
    id_token_alg: str | None
    changes_by: str | None = strawberry.field(
        description="How it learns that access has changed: refresh, backchannel-logout or shared-signals."
    )
    first_party: bool | None = strawberry.field(description="It is the state's own: people aren't asked for consent.")
    dpop_bound: bool | None = strawberry.field(description="Every token is bound to a key (RFC 9449).")
    require_par: bool | None = strawberry.field(description="Authorization requests must be pushed (RFC 9126).")
    legacy: bool | None = strawberry.field(description="It may send a token in the address of tokeninfo.")
    created_at: datetime | None
    changed_at: datetime | None
    version: int | None


@strawberry.type(directives=[ROTATE_KEYS], description="A signing key as it is published; never its private part.")
class SigningKey:
    kid: str | None
    alg: str | None
    created_at: datetime | None
    signs_from: datetime | None
    signs_until: datetime | None = strawberry.field(description="Null: until the next rotation.")
    published_until: datetime | None


@strawberry.type(directives=[PUBLIC], description="Why she would not get in, and what is to be done.")
class ClaimsPreviewRefusal:
    code: str | None
    message: str | None
    remedy: str | None


@strawberry.type(directives=[PUBLIC], description="A role that would open the relying party, once its steps are done.")
class ClaimsPreviewStep:
    role: str | None = strawberry.field(description="program/role/school year.")
    organization: str | None = strawberry.field(description="level:code.")
    missing: list[str] | None


@strawberry.type(
    directives=[MANAGE_RELYING_PARTIES],
    description="What a relying party would be told of a person who came now, with a second step; never signed.",
)
class ClaimsPreview:
    refusal: ClaimsPreviewRefusal | None = strawberry.field(description="Null: she would get in.")
    role: str | None = strawberry.field(description="In which she would come. Null: it is told of all together.")
    roles: list[str] | None = strawberry.field(description="Every one in which she could.")
    steps: list[ClaimsPreviewStep] | None = listed(20)
    consent: str | None = strawberry.field(description="How often she would be asked: NEVER, ONCE or ALWAYS.")
    id_token: str | None = strawberry.field(description="Its claims, a JSON object; without those that name one token.")
    access_token: str | None = strawberry.field(description="Likewise.")
    userinfo: str | None = strawberry.field(description="The answer, a JSON object.")
    tenancy_chains: list[str] | None = strawberry.field(description="With scope sbac.")
