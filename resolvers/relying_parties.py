"""Registrations of relying parties as the state's integration administrator sees them, and what their changes share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Final

from policy.grants import OWN_SYSTEM
from policy.ids import System
from resolvers.account_changes import check_version
from resolvers.asking import Asking, RegistrationTerms
from resolvers.refusals import bad_input
from resolvers.registration_faults import RegistrationFault, registration_faults, resource_fault
from resolvers.registration_views import RegistrationView, view_of
from resolvers.step_up import step_up_missing
from resolvers.targets import missing
from resolvers.writing import Change, RefusedChangeError, Target, UserError
from store.database import Connection
from store.registration_reports import RegistrationReport, lock_registration, registration_reports
from store.relying_parties import RelyingParty
from store.systems import RegisteredSystem, put_system, registered_systems

__all__ = [
    "MOST_SHOWN", "RegistrationView", "RelyingPartyRow", "check_fresh", "check_known", "check_registration", "fault",
    "hash_of", "listed", "locked", "plain", "put_resources", "shown", "target_of", "terms_of", "written",
]  # fmt: skip

MOST_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class RelyingPartyRow:
    """`secret` is told once, to whoever made it."""

    relying_party: RegistrationView | None
    user_errors: list[UserError]
    secret: str | None = field(default=None, repr=False)


async def listed(asking: Asking) -> list[RegistrationView]:
    """By client id; inactive ones as well."""
    reports = await asking.reads.run(partial(registration_reports, most=MOST_SHOWN))
    return [view_of(one, terms_of(asking).issuer) for one in reports]


async def shown(asking: Asking, client_id: str) -> RegistrationView | None:
    """None: there is none."""
    if not client_id.isprintable():
        return None
    reports = await asking.reads.run(partial(registration_reports, most=1, client_id=client_id))
    return view_of(reports[0], terms_of(asking).issuer) if reports else None


async def check_known(asking: Asking, client_id: str) -> None:
    """Raises RefusedError NOT_FOUND."""
    if await shown(asking, client_id) is None:
        raise missing("relying party")


async def locked(making: Change, connection: Connection, client_id: str, version: int | None) -> RegistrationReport:
    """As it is now. `version`: the one that was read; None: whichever. Raises RefusedChangeError, RefusedError."""
    report = await lock_registration(connection, client_id)
    if report is None:
        raise missing("relying party")
    if version is not None:
        check_version(version, report.version)
    return report


async def written(
    making: Change, client_id: str, work: Callable[[Connection], Awaitable[str | None]]
) -> RelyingPartyRow:
    """The registration after `work`, which hands out the new secret if there is one."""
    try:
        secret = await making.carry_out(target_of(client_id), work)
    except RefusedChangeError as refused:
        return RelyingPartyRow(None, refused.errors)
    return RelyingPartyRow(await shown(making.asking, client_id), [], secret)


def terms_of(asking: Asking) -> RegistrationTerms:
    """Raises RefusedError where nobody registers anything: in a command that asks a document."""
    if asking.registrations is None:
        raise bad_input("Relying parties are registered in a session, or by `hallpass clients`.")
    return asking.registrations


def target_of(client_id: str) -> Target:
    return Target("relying_party", client_id[:100])


def check_fresh(making: Change) -> None:
    """Raises RefusedChangeError unless she has proved herself a moment ago, with her second step (decisions 9)."""
    asking = making.asking
    missing_step = step_up_missing(making.caller, asking.clock, second_step=asking.accounts.second_step_required)
    if missing_step is not None:
        raise RefusedChangeError([missing_step])


def check_registration(making: Change, client: RelyingParty) -> None:
    """Every fault at once. Raises RefusedChangeError."""
    terms, systems = terms_of(making.asking), system_labels(making.asking)
    faults = registration_faults(client, systems.keys(), terms.key_faults)
    faults += [wrong for uri in client.resources.values() if (wrong := resource_fault(uri, terms.issuer))]
    if faults:
        raise RefusedChangeError([_error(one) for one in faults])


async def put_resources(making: Change, connection: Connection, client: RelyingParty) -> dict[str, object]:
    """Set the resource URIs that were given; those of before, by system. Raises RefusedChangeError.

    They are the systems' and not the relying party's: another one of the same system gets tokens for them as well.
    """
    labels = system_labels(making.asking)
    known = {system.code: system.resource_uri for system in await registered_systems(connection)}
    lacking = [one for one in client.systems if one not in {**known, **client.resources} and one != OWN_SYSTEM]
    if lacking:
        text = f"The system {lacking[0]} has no resource URI yet."
        raise fault("systems", "NO_RESOURCE", text, "Give it one: the address that its tokens are for.")
    changed = {code: uri for code, uri in client.resources.items() if known.get(code) != uri}
    for code, uri in changed.items():
        if uri in known.values() or list(changed.values()).count(uri) > 1:
            raise fault("systems", "TAKEN", f"{uri} is another system's.", "Each system has an address of its own.")
        await put_system(connection, RegisteredSystem(code, labels[code], uri))
    return {code: known.get(code) for code in changed}


def system_labels(asking: Asking) -> dict[System, str]:
    """Every system of the packs with its label."""
    return {code: system.label for pack in asking.packs.all() for code, system in pack.systems.items()}


def plain(client: RelyingParty, thumbprint: Callable[..., str]) -> dict[str, object]:
    """A registration for the audit trail: no secret, and of keys their thumbprints (RFC 7638)."""
    keys = [] if client.jwks is None else [thumbprint(key) for key in client.jwks["keys"]]
    return {
        "label": client.label,
        "systems": list(client.systems),
        "resources": dict(client.resources),
        "auth_method": client.auth_method,
        "secrets": len(client.secret_hashes),
        "keys": keys,
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "grant_types": sorted(client.grant_types),
        "scopes": sorted(client.scopes),
        "role_mode": client.role_mode,
        "id_token_alg": client.id_token_alg,
        "first_party": client.first_party,
        "launch_uri": client.launch_uri,
        "active": client.active,
        "dpop_bound": client.dpop_bound,
        "require_par": client.require_par,
        "backchannel_logout_uri": client.backchannel_logout_uri,
        "changes_by": client.changes_by,
        "legacy": client.legacy,
    }


def hash_of(secret: str) -> bytes:
    """How secrets are kept. They are 256 random bits, so that a plain SHA-256 is enough."""
    return sha256(secret.encode()).digest()


def fault(field: str, code: str, message: str, remedy: str) -> RefusedChangeError:
    return RefusedChangeError([UserError(["input", field], code, None, message, remedy)])


def _error(one: RegistrationFault) -> UserError:
    remedy = f"{one.remedy[:1].upper()}{one.remedy[1:]}."
    return UserError(["input", one.field], one.code, None, f"{one.what}.", remedy)
