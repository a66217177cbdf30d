"""claimsPreview: what a relying party would be told of somebody, computed and shown, never a token (decisions 9)."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from policy.caller import PersonCaller
from policy.facts import UserStatus
from policy.grant import ActiveRole
from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from resolvers.asking import Asking
from resolvers.attempts import acting_under
from resolvers.references import read_id
from resolvers.refusals import Code, RefusedError, bad_input, not_found
from resolvers.relying_parties import check_known, terms_of
from store.audit import AuditEvent, record
from store.database import Connection
from store.users import user_by_email, user_by_id

ACTION: Final = "claimsPreview"


@dataclass(frozen=True, slots=True)
class PreviewTyped:
    """As it was typed: `person` is an address or an id, `role` a `program/role/year`."""

    client_id: str
    person: str
    role: str | None = None
    scope: tuple[str, ...] | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewAsked:
    """`role` None: the one that a new session would have. `scope` None: all of a person that it is registered for."""

    client_id: str
    user: UserId
    role: ActiveRole | None = None
    scope: tuple[str, ...] | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewRefusal:
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """What a role that would open it lacks: kinds of steps, a form with its name behind a colon."""

    role: str
    organization: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the relying party would be told: each of the three a JSON object as text, None where it gets none.

    `refusal`: why she would not get in; None: she would. `role`: in which she would come, as `program/role/year`; None
    where the relying party is told of all together. `roles`: every one in which she could. `consent`: how often she
    would be asked, NEVER, ONCE or ALWAYS. `tenancy_chains`: with scope `sbac`.
    """

    refusal: PreviewRefusal | None = None
    role: str | None = None
    roles: tuple[str, ...] = ()
    steps: tuple[PreviewStep, ...] = ()
    consent: str | None = None
    id_token: str | None = None
    access_token: str | None = None
    userinfo: str | None = None
    tenancy_chains: tuple[str, ...] | None = None


async def preview(asking: Asking, typed: PreviewTyped) -> Preview:
    """The audit is told who looked at whom. Raises RefusedError NOT_FOUND, BAD_USER_INPUT, FORBIDDEN."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller) or caller.systems is not None:
        raise RefusedError(Code.FORBIDDEN, "A preview is asked for in a person's own session only.")
    terms, role = terms_of(asking), role_of(typed.role)
    await check_known(asking, typed.client_id)
    user = await asking.reads.run(partial(find_person, typed=typed.person))
    if user is None:
        raise not_found("There is no such person: look it up again.")
    await asking.reads.let_go()
    asked = PreviewAsked(typed.client_id, user, role, typed.scope, typed.resource)
    made = await terms.preview(asked)
    event = replace(
        preview_event(asked, made), actor=caller.user, acting_under=acting_under(caller),
        request_id=asking.request_id or None,
    )  # fmt: skip

    async def transaction(connection: Connection) -> None:
        async with connection.transaction():
            await record(connection, event)

    await asking.reads.run(transaction)
    return made


async def find_person(connection: Connection, typed: str) -> UserId | None:
    """Whoever has that address or id; nobody whose account was deleted."""
    if not typed.isprintable():
        return None
    if "@" in typed:
        known = await user_by_email(connection, typed)
    else:
        identifier = read_id(typed)
        known = await user_by_id(connection, UserId(identifier)) if identifier else None
    return None if known is None or known.status == UserStatus.DELETED else known.id


def role_of(text: str | None) -> ActiveRole | None:
    """From `program/role/year`, the year empty for a role that isn't tied to one. Raises RefusedError."""
    if text is None:
        return None
    parts = text.split("/")
    if len(parts) != 3 or not parts[0] or not parts[1]:
        raise bad_input(f"{text[:100]!r} is no role: write program/role/school year, the year empty where it has none.")
    return ActiveRole(ProgramCode(parts[0]), RoleSlug(parts[1]), SchoolYear(parts[2]) if parts[2] else None)


def preview_event(asked: PreviewAsked, made: Preview) -> AuditEvent:
    """Who was looked at, and with which outcome; whoever looked is added."""
    outcome = made.refusal.code if made.refusal else "ENTERS"
    after = {"user": str(asked.user), "role": made.role, "outcome": outcome}
    return AuditEvent(ACTION, "relying_party", asked.client_id, after=after)
