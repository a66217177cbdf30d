"""How a change is carried out: one transaction with its audit event and messages; a refusal is recorded in its own."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID

from policy.access import AnyOf
from policy.caller import PersonCaller
from policy.delegation import Actor, Refusal
from policy.facts import Assignment
from policy.ids import Permission, UserId
from policy.packs import Packs
from resolvers.asking import Asking
from resolvers.attempts import acting_under
from resolvers.refusals import Code, RefusedError
from store.access_version import lock_concerned, raise_locked, read_epoch, read_version
from store.audit import AuditEvent, Outcome, record
from store.database import Connection
from store.mail_templates import MailValue
from store.outbox import MailOrder, queue_mail
from store.personal_data import Personal
from store.recipients import ConflictError, DeadlockError

Done = TypeVar("Done")
_MORE_TRIES = 3


@dataclass(frozen=True, slots=True)
class UserError:
    """What a rule of the domain refuses, for the person who asked: where, which rule, why, and what to do."""

    path: list[str]
    code: str
    rule: str | None
    message: str
    remedy: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """What a change is about, as the audit trail names it."""

    type: str
    id: str


class RefusedChangeError(Exception):
    """Ends a change's transaction: nothing of it is applied."""

    def __init__(self, errors: list[UserError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Change:
    """A mutation in the making: who carries out what, by which permissions."""

    asking: Asking
    action: str
    permissions: tuple[Permission, ...]
    caller: PersonCaller = field(init=False)
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.asking.caller, PersonCaller):
            raise RefusedError(Code.FORBIDDEN, f"{self.action} is carried out in a person's own session only.")
        object.__setattr__(self, "caller", self.asking.caller)
        object.__setattr__(self, "id", self.asking.new_id())

    @property
    def actor(self) -> Actor:
        return Actor(self.caller.user, self.caller.access, self.permissions, self.caller.roles)

    @property
    def packs(self) -> Packs:
        return self.asking.packs

    @property
    def today(self) -> date:
        """The state's date."""
        return self.asking.clock.today

    async def carry_out(self, target: Target, work: Callable[[Connection], Awaitable[Done]]) -> Done:
        """`work` in one transaction. Raises RefusedChangeError when a rule refuses, with the attempt recorded."""

        async def transaction(connection: Connection) -> Done:
            async with connection.transaction():
                await self._still_the_same(connection)
                return await work(connection)

        try:
            done = await self._run(transaction)
        except RefusedChangeError as refused:
            await self._record_denied(target, refused.errors[0])
            raise
        self.asking.forget()
        return done

    async def _run(self, transaction: Callable[[Connection], Awaitable[Done]]) -> Done:
        """Begun anew where others changed the same at this moment, but not for ever."""
        for _ in range(_MORE_TRIES):
            with suppress(ConflictError, DeadlockError):
                return await self.asking.reads.run(transaction)
        return await self.asking.reads.run(transaction)

    async def audit(
        self,
        connection: Connection,
        target: Target,
        under: Assignment | None,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        reason: str | None = None,
        personal: Personal | None = None,
    ) -> None:
        """Names, addresses and numbers go into `personal` alone: by user, a text for each field."""
        event = self.event(target, under, before=before, after=after, reason=reason, personal=personal)
        await record(connection, event, self.asking.personal_keys)

    def event(
        self,
        target: Target,
        under: Assignment | None,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        reason: str | None = None,
        personal: Personal | None = None,
    ) -> AuditEvent:
        """What `audit` would record: for changes that record many at once by `store.audit.record_many`."""
        acting = f"{under.program}/{under.role}" if under else None
        return AuditEvent(
            self.action, target.type, target.id, actor=self.caller.user, actor_client=self.caller.managing_by,
            acting_under=acting, before=before, after=after, reason=reason, request_id=self.asking.request_id or None,
            personal=personal or {},
        )  # fmt: skip

    async def tell(self, connection: Connection, users: Collection[UserId]) -> None:
        """That these persons' access changed: the last thing before the commit.

        While the change waited for a lock, the actor's own role may have been taken: from here on that waits too. Where
        her own change raises her version (a superintendent who designates stands in no longer), what she acted by is
        compared once nobody else can raise it.
        """
        concerned = await lock_concerned(connection, users)
        if self.caller.user not in concerned:
            await raise_locked(connection, concerned)
            await self._still_the_same(connection)
            return
        await self._still_the_same(connection)
        await raise_locked(connection, concerned)
        if await read_epoch(connection) > self.caller.version:
            raise _changed_meanwhile()

    async def mail(self, connection: Connection, template: str, user: UserId | None, **values: MailValue) -> None:
        """Queue a mail that is sent after the commit (`store.mail_templates`): ids and codes, never a name or a link.

        What joins becomes one mail for each person of this change. Raises MailOrderError for a wrong name or value.
        """
        order = MailOrder(
            template, user, values, by=self.caller.user, cause=self.id, request_id=self.asking.request_id or None
        )
        await queue_mail(connection, self.asking.new_id(), order)

    async def _still_the_same(self, connection: Connection) -> None:
        if await read_version(connection, self.caller.user) != self.caller.version:
            raise _changed_meanwhile()

    async def _record_denied(self, target: Target, error: UserError) -> None:
        event = AuditEvent(
            self.action, target.type, target.id, Outcome.DENIED, actor=self.caller.user,
            actor_client=self.caller.managing_by, acting_under=acting_under(self.caller),
            rule=error.rule, reason=error.code, request_id=self.asking.request_id or None,
        )  # fmt: skip

        async def transaction(connection: Connection) -> None:
            async with connection.transaction():
                await record(connection, event)

        await self.asking.reads.run(transaction)


def change(asking: Asking, action: str, rule: AnyOf) -> Change:
    """The mutation `action`, allowed by the permissions of the rule that its directive states."""
    return Change(asking, action, tuple(one.permission for one in rule if one.permission is not None))


def user_error(refusal: Refusal, *path: str) -> UserError:
    """A refusal of the core as the person reads it; `path` leads to the object whose field is wrong."""
    return UserError(
        ["input", *path, refusal.field], refusal.code, refusal.rule or None, refusal.message, refusal.remedy
    )


def _changed_meanwhile() -> RefusedError:
    return RefusedError(Code.FORBIDDEN, "Your own access has changed at this moment: reload and try again.")
