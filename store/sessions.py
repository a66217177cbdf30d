"""Sessions: who signed in, when and how, under which active role, until when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.grant import ActiveRole
from policy.ids import OrganizationId, UserId
from policy.second_step import AAL2
from store.database import Connection
from store.standing import Standing, active_role_columns, active_role_of, standing_of
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was not ended; whether it is too old is for the reader to judge (`last_seen_at`, `expires_at`)."""

    id: UUID
    standing: Standing
    auth_time: datetime
    """When she proved who she is; where a district's provider vouched for it, that was before she came in."""
    signed_in_at: datetime
    """When she last came in, by whatever proof, or took a second step."""
    acr: str
    amr: tuple[str, ...]
    active: ActiveRole | None
    last_seen_at: datetime
    expires_at: datetime
    provider: UUID | None = None
    """The district's identity provider that it came through: `Standing.lea` is that district."""


@dataclass(frozen=True, slots=True)
class NewSession:
    id: UUID
    token_hash: bytes
    user: UserId
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    active: ActiveRole | None
    expires_at: datetime
    user_agent: str | None
    lea: OrganizationId | None = None
    """See `Standing.lea`."""
    provider: UUID | None = None
    signed_in_at: datetime | None = None
    """None: at `auth_time`."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """A session whose person has proved herself again."""

    token_hash: bytes
    auth_time: datetime
    signed_in_at: datetime
    expires_at: datetime
    acr: str
    amr: tuple[str, ...]
    lea: OrganizationId | None = None
    """See `Standing.lea`."""


async def insert_session(connection: Connection, session: NewSession) -> None:
    await connection.execute(
        statements("sessions")["insert"],
        session.id,
        session.token_hash,
        session.user,
        session.auth_time,
        session.acr,
        list(session.amr),
        *active_role_columns(session.active),
        session.expires_at,
        session.user_agent,
        session.lea,
        session.provider,
        session.signed_in_at or session.auth_time,
    )


async def present_session(connection: Connection, token_hash: bytes) -> Session | None:
    """The session behind a cookie, with how its person stands now."""
    row = await connection.fetchrow(statements("sessions")["present"], token_hash)
    if row is None:
        return None
    return Session(
        row["id"],
        standing_of(row),
        row["auth_time"],
        row["signed_in_at"],
        row["acr"],
        tuple(row["amr"]),
        active_role_of(row),
        row["last_seen_at"],
        row["expires_at"],
        row["provider_id"],
    )


async def session_seen(connection: Connection, session: UUID, now: datetime) -> None:
    """Move the idle timeout on."""
    await connection.execute(statements("sessions")["seen"], session, now)


async def renew_session(connection: Connection, session: UUID, renewed: Renewed) -> bool:
    """A new secret, a new time and level of authentication, new limits. False: it has ended."""
    found = await connection.fetchval(
        statements("sessions")["renew"],
        session, renewed.token_hash, renewed.auth_time, renewed.expires_at, renewed.acr, list(renewed.amr),
        renewed.lea, renewed.signed_in_at,
    )  # fmt: skip
    return found is not None


@dataclass(frozen=True, slots=True)
class Strengthened:
    """A session in which a second step was taken `at` that time. `auth_time`: where that alone proves who she is."""

    token_hash: bytes
    acr: str
    amr: tuple[str, ...]
    at: datetime
    auth_time: datetime | None = None


async def strengthen_session(connection: Connection, session: UUID, stronger: Strengthened) -> bool:
    """A new secret and level; it ends no later than before. False: it has ended."""
    arguments = stronger.token_hash, stronger.acr, list(stronger.amr), stronger.at, stronger.auth_time
    return await connection.fetchval(statements("sessions")["strengthen"], session, *arguments) is not None


async def choose_role(connection: Connection, session: UUID, active: ActiveRole | None) -> None:
    await connection.execute(statements("sessions")["choose_role"], session, *active_role_columns(active))


async def finish_session(connection: Connection, session: UUID, now: datetime) -> None:
    """End a session and revoke every authorization that came from it (its codes and refresh tokens with them).

    Call it in a transaction. The session goes first: an authorization being made has locked it, and is seen after that.
    """
    await connection.execute(statements("sessions")["finish"], session, now)
    await connection.execute(statements("sessions")["revoke_its_authorizations"], session, now)


async def finish_weaker(connection: Connection, user: UserId, keep: UUID | None, now: datetime) -> None:
    """End what began without a second step, once the person has her first: she would be asked for it there now.

    `keep`: the session in which she set it up. Call it in that transaction, with her row locked.
    """
    await connection.execute(statements("sessions")["finish_weaker"], user, now, keep, AAL2)
    await connection.execute(statements("sessions")["revoke_weaker"], user, now, keep, AAL2)


async def finish_everything(connection: Connection, user: UserId, now: datetime, why: str) -> None:
    """End every session of the person and revoke every authorization, with its codes and refresh tokens.

    Call it in the transaction of what ends them (`why`: `password`, `address`, `suspended`, `deleted`). Whoever signs
    in or lets a relying party in at this moment has locked the person's row or her session, and is seen after that.
    """
    await connection.execute(statements("sessions")["finish_all"], user, now)
    await connection.execute(statements("sessions")["revoke_all"], user, now, why)
