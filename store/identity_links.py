"""Who subjects of districts' providers are here, the sessions that came through them, and sign-ins under way."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from policy.facts import UserStatus
from policy.federation import ProviderKind
from policy.ids import UserId
from store.connection import Connection
from store.identity_providers import ProviderId
from store.sessions import finish_session
from store.statements import statements


class Purpose(StrEnum):
    SIGN_IN = "sign-in"
    LINK = "link"
    """From a signed-in session."""
    INVITATION = "invitation"
    """An invitation is accepted with it."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A person whom the provider knows."""

    link: UUID
    user: UserId
    status: UserStatus
    linked_at: datetime
    has_password: bool


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A link as its person sees it. `counts`: whether one may sign in by it now."""

    id: UUID
    provider: ProviderId
    organization_name: str
    kind: ProviderKind
    linked_at: datetime
    last_used_at: datetime | None
    counts: bool


@dataclass(frozen=True, slots=True)
class NewLink:
    id: UUID
    provider: ProviderId
    issuer: str
    subject: str
    user: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class Started:
    """A way to a provider and back. `session`: where it was begun to make a link; `invitation`: its token's hash.

    `fresh_after`: a proof from before counts for nothing on it; `acr`: AAL2 where a second step is asked for, else ''.
    """

    purpose: Purpose
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    onward: str
    expires_at: datetime
    session: UUID | None = None
    invitation: bytes | None = field(default=None, repr=False)
    fresh_after: datetime | None = None
    acr: str = ""


@dataclass(frozen=True, slots=True)
class UsableProvider:
    id: ProviderId
    organization_name: str
    kind: ProviderKind


async def linked_user(connection: Connection, provider: UUID, issuer: str, subject: str) -> Linked | None:
    """Whom the subject was linked to through this very provider, whatever her status."""
    row = await connection.fetchrow(statements("identity_links")["user_of"], provider, issuer, subject)
    if row is None:
        return None
    status = UserStatus(row["status"])
    return Linked(row["id"], UserId(row["user_id"]), status, row["linked_at"], row["has_password"])


async def hold_identity_link(connection: Connection, provider: UUID, user: UserId) -> bool:
    """Whether the provider counts and knows the person, until the transaction ends."""
    return await connection.fetchval(statements("identity_links")["hold"], provider, user) is not None


async def accept_by_provider(connection: Connection, user: UserId, now: datetime) -> bool:
    """Make an invited account active that has no password; False: it wasn't waiting for that."""
    return await connection.fetchval(statements("identity_links")["accept"], user, now) is not None


async def insert_identity_link(connection: Connection, new: NewLink) -> bool:
    """False: the subject is linked already, or the person is to another one of this provider."""
    done = await connection.execute(
        statements("identity_links")["link"], new.id, new.provider, new.issuer, new.subject, new.user, new.at
    )
    return done == "INSERT 0 1"


async def links_of(connection: Connection, user: UserId) -> list[OwnLink]:
    rows = await connection.fetch(statements("identity_links")["links_of"], user)
    return [
        OwnLink(
            row["id"], row["provider_id"], row["organization_name"], ProviderKind(row["kind"]), row["linked_at"],
            row["last_used_at"], row["counts"],
        )
        for row in rows
    ]  # fmt: skip


async def usable_providers(connection: Connection, user: UserId) -> list[UsableProvider]:
    """Those of the LEAs in which the person holds a role."""
    rows = await connection.fetch(statements("identity_links")["usable_at"], user)
    return [UsableProvider(row["id"], row["organization_name"], ProviderKind(row["kind"])) for row in rows]


async def remove_identity_link(connection: Connection, link: UUID, user: UserId, now: datetime) -> bool:
    """With it end the sessions that came through it; False: it isn't hers. Call it in a transaction."""
    provider = await connection.fetchval(statements("identity_links")["unlink"], link, user)
    if provider is None:
        return False
    await finish_sessions_through(connection, provider, now, user)
    return True


async def finish_sessions_through(
    connection: Connection, provider: UUID, now: datetime, user: UserId | None = None
) -> int:
    """End the sessions that came through the provider, and sign-ins that wait: everybody's or one person's.

    How many sessions there were. Call it in a transaction, after what keeps new ones from beginning.
    """
    rows = await connection.fetch(statements("identity_links")["sessions_through"], provider, user)
    for row in rows:
        await finish_session(connection, row["id"], now)
    await connection.execute(statements("identity_links")["end_pending_through"], provider, user)
    return len(rows)


async def signed_in_by(connection: Connection, user: UserId, link: UUID | None, now: datetime) -> bool:
    """Note the time; False: the account isn't active. Until the transaction ends, whoever suspends it waits."""
    return await connection.fetchval(statements("identity_links")["signed_in"], user, now, link)


async def begin_identity_sign_in(
    connection: Connection, state_hash: bytes, browser_hash: bytes, provider: UUID, started: Started, now: datetime
) -> None:
    await connection.execute(
        statements("identity_links")["begin"],
        state_hash, browser_hash, provider, started.purpose.value, started.session, started.invitation, started.nonce,
        started.code_verifier, started.onward, now, started.expires_at, started.fresh_after, started.acr,
    )  # fmt: skip


async def take_identity_sign_in(
    connection: Connection, state_hash: bytes, browser_hash: bytes, provider: UUID
) -> Started | None:
    """Use it up; None: unknown, used before, begun in another browser or at another provider."""
    row = await connection.fetchrow(statements("identity_links")["take"], state_hash, browser_hash, provider)
    if row is None:
        return None
    return Started(
        Purpose(row["purpose"]), row["nonce"], row["code_verifier"], row["onward"], row["expires_at"],
        row["session_id"], row["invitation"], row["fresh_after"], row["acr"],
    )  # fmt: skip
