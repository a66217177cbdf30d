"""The invitation of the first state administrator, which only the host's operator can make."""

from dataclasses import dataclass, field
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from gateway.access_cache import today_of
from gateway.signin.invitation import INVITATION_LIFE, PURPOSE, invitation_address
from gateway.signin.sessions import token_hash
from gateway.state import Gateway
from policy.facts import UserStatus
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.packs import Packs
from store.access_version import raise_versions
from store.account_links import close_links, insert_link
from store.administrators import holders_of_role, lock_administrators, state_organization
from store.assignments import NewAssignment, insert_assignment
from store.audit import AuditEvent, record
from store.database import Connection
from store.keys_of import email_key
from store.organizations import create_state
from store.sign_in import account_by_email
from store.users import NewUser, create_user

_STATE_CODE, _STATE_NAME = "STATE", "State"
"""What the root of the tree is called until a directory import names it."""


class InvitationRefusedError(Exception):
    """One sentence: why nobody was invited, and what to do."""


@dataclass(frozen=True, slots=True)
class Invited:
    email: str
    link: str | None = field(repr=False)
    """To be opened once, within 30 days; None: the account has a password already, and the role is active now."""


@dataclass(frozen=True, slots=True)
class _HighestRole:
    program: ProgramCode
    role: RoleSlug


async def invite_first_administrator(
    gateway: Gateway, email: str, first_name: str, last_name: str, reason: str
) -> Invited:
    """Give the state's highest role, with an invitation, while nobody active holds it; audited with the reason.

    Invitations that nobody accepted die. Raises InvitationRefusedError.
    """
    address = _address(email)
    highest = _highest_role(gateway.packs.current)
    now = gateway.now()
    async with gateway.pool.acquire() as connection, connection.transaction():
        await lock_administrators(connection)
        holders = await holders_of_role(connection, highest.program, highest.role)
        if UserStatus.ACTIVE in holders.values():
            raise InvitationRefusedError(
                "There is a state administrator already: sign in as one, and let a second one confirm the next."
            )
        for holder in holders:
            await close_links(connection, holder, now)
        user, status = await _account(gateway, connection, address, first_name.strip(), last_name.strip())
        if user not in holders:
            await _give(gateway, connection, user, highest)
        link = await _link(gateway, connection, user, now) if status is UserStatus.INVITED else None
        after = {"program": highest.program, "role": highest.role}
        event = AuditEvent("inviteAdministrator", "user", str(user), operator_reason=reason, after=after)
        await record(connection, event)
        await raise_versions(connection, (user,))
    return Invited(address, link)


def _address(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise InvitationRefusedError(f"{email!r} is not an e-mail address: {error}") from error


def _highest_role(packs: Packs) -> _HighestRole:
    """The role that nobody stands above, of the pack that reaches into every program."""
    for pack in packs.all():
        if pack.every_program and pack.roles:
            return _HighestRole(pack.program, min(pack.roles.values(), key=lambda role: role.rank).slug)
    raise InvitationRefusedError("The state's own pack isn't loaded: run `hallpass programs load` with it.")


async def _account(
    gateway: Gateway, connection: Connection, address: str, first_name: str, last_name: str
) -> tuple[UserId, UserStatus]:
    known = await account_by_email(connection, email_key(address))
    if known is None:
        if not first_name or not last_name:
            raise InvitationRefusedError("First and last name are needed: give --first-name and --last-name.")
        user = UserId(gateway.new_id())
        await create_user(connection, NewUser(user, address, first_name, last_name))
        return user, UserStatus.INVITED
    if known.status not in (UserStatus.ACTIVE, UserStatus.INVITED):
        raise InvitationRefusedError(f"The account of {address} is {known.status}: invite another address.")
    return known.user, known.status


async def _give(gateway: Gateway, connection: Connection, user: UserId, highest: _HighestRole) -> None:
    new = NewAssignment(
        id=AssignmentId(gateway.new_id()),
        user=user,
        program=highest.program,
        role=highest.role,
        school_year=SchoolYear(""),
        organization=await _root(gateway, connection),
        assigned_at=gateway.now(),
        origin="operator",
    )
    await insert_assignment(connection, new)


async def _root(gateway: Gateway, connection: Connection) -> OrganizationId:
    known = await state_organization(connection)
    if known is not None:
        return known
    made = OrganizationId(gateway.new_id())
    await create_state(connection, made, _STATE_CODE, _STATE_NAME, today_of(gateway.settings, gateway.now()))
    return made


async def _link(gateway: Gateway, connection: Connection, user: UserId, now: datetime) -> str:
    token = gateway.new_token()
    expires_at = now + INVITATION_LIFE
    await insert_link(connection, token_hash(token), user, purpose=PURPOSE, now=now, expires_at=expires_at)
    return invitation_address(gateway.settings.issuer, token)
