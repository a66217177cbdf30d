"""Mutations about relying parties and the provider's signing keys, by the state's integration administrator."""

from __future__ import annotations

from typing import Any, cast

import strawberry

from resolvers import change_relying_party, register_relying_party, rotate_signing_key
from resolvers.change_relying_party import UpdateAsked
from resolvers.register_relying_party import RotateAsked
from resolvers.registration_input import SystemTyped, changes_of, registration_of
from resolvers.relying_parties import RelyingPartyRow
from resolvers.rotate_signing_key import RotatedRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mutations.shared import UserError, user_errors
from schema.relying_parties import MANAGE_RELYING_PARTIES, ROTATE_KEYS, RelyingParty, SigningKey
from schema.sizes import listed

UNSET: Any = strawberry.UNSET
_TAKEN_AWAY = frozenset({"redirect_uris", "post_logout_redirect_uris", "launch_uri", "backchannel_logout_uri"})
_APART = frozenset({"client_id", "systems", "jwks", "idempotency_key", "expected_version"})


@strawberry.input(description="A system that the relying party is, or a part of it.")
class RelyingPartySystemInput:
    code: str
    resource: str | None = strawberry.field(
        default=None, description="Sets the system's audience, for every relying party of it. Null: it has one."
    )

    def read(self) -> SystemTyped:
        return SystemTyped(self.code, self.resource)


@strawberry.input
class RelyingPartyTerms:
    """What is stated of a client both when it is registered and when that is changed."""

    client_id: str
    auth_method: str | None = UNSET
    jwks: str | None = strawberry.field(default=UNSET, description="Its public keys (RFC 7517), a JSON object.")
    grant_types: list[str] | None = UNSET
    scopes: list[str] | None = UNSET
    redirect_uris: list[str] | None = UNSET
    post_logout_redirect_uris: list[str] | None = UNSET
    launch_uri: str | None = UNSET
    backchannel_logout_uri: str | None = UNSET
    role_mode: str | None = UNSET
    id_token_alg: str | None = UNSET
    first_party: bool | None = UNSET
    dpop_bound: bool | None = UNSET
    require_par: bool | None = UNSET
    legacy: bool | None = UNSET


@strawberry.input(description="What is left out is as usual: a server with a secret, that people sign in to.")
class RegisterRelyingPartyInput(RelyingPartyTerms):
    label: str
    systems: list[RelyingPartySystemInput] = strawberry.field(description="The first one is the default audience.")
    changes_by: str = strawberry.field(description="refresh, backchannel-logout or shared-signals.")
    idempotency_key: str


@strawberry.input(description="What is left out stays as it is; null or an empty list takes it away.")
class UpdateRelyingPartyInput(RelyingPartyTerms):
    expected_version: int
    label: str | None = UNSET
    systems: list[RelyingPartySystemInput] | None = UNSET
    changes_by: str | None = UNSET


@strawberry.input
class RotateRelyingPartySecretInput:
    client_id: str
    expected_version: int
    only: bool = strawberry.field(default=False, description="The earlier secrets stop working at once: after a leak.")


@strawberry.input
class DeactivateRelyingPartyInput:
    client_id: str


@strawberry.input
class ActivateRelyingPartyInput:
    client_id: str
    expected_version: int


@strawberry.input
class RotateSigningKeyInput:
    reason: str


@strawberry.type(directives=[PUBLIC])
class RelyingPartyPayload:
    relying_party: RelyingParty | None
    secret: str | None = strawberry.field(description="Shown only now, where one was made.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RotateSigningKeyPayload:
    keys: list[SigningKey] | None = listed(rotate_signing_key.MOST_SHOWN)
    user_errors: list[UserError] = user_errors()


def _changes(typed: RegisterRelyingPartyInput | UpdateRelyingPartyInput) -> dict[str, Any]:
    """What was given of a registration; null takes away what may be missing, and elsewhere is as if left out."""
    stated = cast(dict[str, object], vars(typed))
    given = {name: value for name, value in stated.items() if name not in _APART and _counts(name, value)}
    systems = None if typed.systems is None or typed.systems is UNSET else [one.read() for one in typed.systems]
    changes = changes_of(given, systems, typed.jwks if isinstance(typed.jwks, str) else None)
    return changes | {"jwks": None} if typed.jwks is None else changes


def _counts(name: str, value: object) -> bool:
    return value is not UNSET and (value is not None or name in _TAKEN_AWAY)


async def _register(info: Info, input: RegisterRelyingPartyInput) -> RelyingPartyRow:
    client = registration_of(input.client_id.strip(), _changes(input))
    return await register_relying_party.register(info.context, client, input.idempotency_key, rule_of_rows(info))


async def _update(info: Info, input: UpdateRelyingPartyInput) -> RelyingPartyRow:
    asked = UpdateAsked(input.client_id, input.expected_version, _changes(input))
    return await change_relying_party.update(info.context, asked, rule_of_rows(info))


async def _rotate(info: Info, input: RotateRelyingPartySecretInput) -> RelyingPartyRow:
    asked = RotateAsked(input.client_id, input.expected_version, input.only)
    return await register_relying_party.rotate_secret(info.context, asked, rule_of_rows(info))


async def _deactivate(info: Info, input: DeactivateRelyingPartyInput) -> RelyingPartyRow:
    return await change_relying_party.deactivate(info.context, input.client_id, rule_of_rows(info))


async def _activate(info: Info, input: ActivateRelyingPartyInput) -> RelyingPartyRow:
    rule = rule_of_rows(info)
    return await change_relying_party.activate(info.context, input.client_id, input.expected_version, rule)


async def _rotate_keys(info: Info, input: RotateSigningKeyInput) -> RotatedRow:
    return await rotate_signing_key.rotate(info.context, input.reason.strip(), rule_of_rows(info))


@strawberry.type
class RelyingPartyMutations:
    register_relying_party: RelyingPartyPayload | None = answered(
        _register, MANAGE_RELYING_PARTIES, description="With a fresh sign-in. Its secret is in the answer, only now."
    )
    update_relying_party: RelyingPartyPayload | None = answered(
        _update,
        MANAGE_RELYING_PARTIES,
        description="What isn't allowed any more ends with it: people sign in anew for the rest.",
    )
    rotate_relying_party_secret: RelyingPartyPayload | None = answered(
        _rotate, MANAGE_RELYING_PARTIES, description="The newest earlier secret works on, until the next rotation."
    )
    deactivate_relying_party: RelyingPartyPayload | None = answered(
        _deactivate, MANAGE_RELYING_PARTIES, description="Nobody gets in any more, and what people let it have ends."
    )
    activate_relying_party: RelyingPartyPayload | None = answered(_activate, MANAGE_RELYING_PARTIES)
    rotate_signing_key: RotateSigningKeyPayload | None = answered(
        _rotate_keys,
        ROTATE_KEYS,
        description="New keys are published now and sign in an hour; old ones stay a day.",
    )
