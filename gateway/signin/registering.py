"""What the pages of registering oneself share: the role that is open, and giving it in one transaction (S1-03)."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gateway.account_terms import account_terms
from gateway.observation import request_id_of
from gateway.signin.assurance import PASSWORD
from gateway.signin.next_path import START
from gateway.signin.proof import Proof, after_proof
from gateway.state import Gateway, gateway_of
from policy.facts import Person, UserStatus
from policy.ids import AssignmentId, ProgramCode, SchoolYear, UserId
from policy.pack import Pack, Role
from policy.registration import against_registering, self_registered_role
from store.access_version import raise_versions
from store.assignments import NewAssignment, insert_assignment
from store.audit import AuditEvent, record
from store.database import Connection
from store.keys_of import email_key
from store.organizations import organizations_by_ids
from store.people import load_person, load_years
from store.recipients import ConflictError, lock_users
from store.records import OrganizationRecord
from store.registration import Registration, consume_registration
from store.released_addresses import blocked_addresses
from store.sign_in import accept_invitation
from store.users import NewUser, create_user

_ORIGIN = "registration"
_ACTION = "registerOneself"


class NotGivenError(Exception):
    """The link was used meanwhile, or the person doesn't get the role: nothing was changed."""


@dataclass(frozen=True, slots=True)
class OpenRole:
    """The role that people register for, in its program's current year."""

    pack: Pack
    role: Role
    school_year: SchoolYear


async def role_open_at(gateway: Gateway, connection: Connection, program: ProgramCode) -> OpenRole | None:
    """None: the program has no current year, or no role that people register for."""
    year = (await load_years(connection)).current.get(program)
    pack = gateway.packs.current.at(program, year) if year is not None else None
    role = self_registered_role(pack) if pack is not None else None
    return OpenRole(pack, role, year) if pack is not None and role is not None and year is not None else None


async def is_released(gateway: Gateway, connection: Connection, email: str) -> bool:
    """Whether the address was somebody else's less than 24 months ago: nobody gets an account with it (accounts 4)."""
    hashed = account_terms(gateway).address_hash(email_key(email))
    return hashed in await blocked_addresses(connection, [hashed], gateway.now(), None)


async def make_account(request: Request, link: Registration, token_hash: bytes, password_hash: str) -> Response:
    """A new account with the role, and what follows its first sign-in. Raises NotGivenError."""
    gateway, now = gateway_of(request), gateway_of(request).now()
    user = UserId(gateway.new_id())
    try:
        async with gateway.pool.acquire() as connection, connection.transaction():
            await _consume(connection, link, token_hash)
            if await is_released(gateway, connection, link.email):
                raise NotGivenError
            await create_user(connection, NewUser(user, link.email, link.first_name, link.last_name))
            await accept_invitation(connection, user, password_hash, now)
            await _give(request, connection, user, link)
            await raise_versions(connection, (user,))
            return await after_proof(request, connection, Proof(user, (PASSWORD,), by_mail=True), START)
    except ConflictError as error:
        raise NotGivenError from error


async def add_to_account(request: Request, link: Registration, token_hash: bytes, user: UserId) -> None:
    """The role for the account whose person is signed in. Raises NotGivenError."""
    gateway = gateway_of(request)
    try:
        async with gateway.pool.acquire() as connection, connection.transaction():
            await _consume(connection, link, token_hash)
            await lock_users(connection, (user,))
            loaded = await load_person(connection, user)
            if loaded is None or loaded.person.status is not UserStatus.ACTIVE:
                raise NotGivenError
            await _give(request, connection, user, link, loaded.person)
            await raise_versions(connection, (user,))
    except ConflictError as error:
        raise NotGivenError from error


async def may_be_added(gateway: Gateway, connection: Connection, link: Registration, user: UserId) -> bool:
    """Whether the role is one that the person doesn't have or get by another role already."""
    opened, loaded = await role_open_at(gateway, connection, link.program), await load_person(connection, user)
    where = await _place(connection, link)
    if opened is None or loaded is None or where is None:
        return False
    return not _is_against(gateway, loaded.person, opened, where)


async def _consume(connection: Connection, link: Registration, token_hash: bytes) -> None:
    if not await consume_registration(connection, link.id, token_hash):
        raise NotGivenError


async def _give(
    request: Request, connection: Connection, user: UserId, link: Registration, person: Person | None = None
) -> None:
    gateway = gateway_of(request)
    opened, where = await role_open_at(gateway, connection, link.program), await _place(connection, link)
    if opened is None or where is None or not where.active:
        raise NotGivenError
    if person is not None and _is_against(gateway, person, opened, where):
        raise NotGivenError
    identifier = AssignmentId(gateway.new_id())
    new = NewAssignment(
        identifier, user, link.program, opened.role.slug, opened.school_year, where.id, gateway.now(), origin=_ORIGIN
    )
    await insert_assignment(connection, new)
    after = {
        "user": str(user), "program": link.program, "role": opened.role.slug, "school_year": opened.school_year,
        "organization": str(where.id), "account": "new" if person is None else "existing",
    }  # fmt: skip
    event = AuditEvent(
        _ACTION, "role_assignment", str(identifier), actor=user, after=after, rule="S1-03",
        request_id=request_id_of(request.scope) or None,
    )  # fmt: skip
    await record(connection, event)


async def _place(connection: Connection, link: Registration) -> OrganizationRecord | None:
    return (await organizations_by_ids(connection, [link.organization])).get(link.organization)


def _is_against(gateway: Gateway, person: Person, opened: OpenRole, where: OrganizationRecord) -> bool:
    packs = gateway.packs.current
    return against_registering(person, opened.role, where.facts, opened.pack, opened.school_year, packs) is not None
