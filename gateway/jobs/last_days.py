"""What follows the night after a role's last day: a new primary coordinator, and accounts that have nothing left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from gateway.outbox.daily import Day
from policy.facts import Assignment, UserStatus
from policy.ids import AssignmentId, UserId
from policy.packs import Packs
from resolvers.succession import Departed, succeed
from resolvers.writing import Target
from store.access_version import raise_versions
from store.audit import AuditEvent, record
from store.connection import Connection
from store.daily_jobs import last_finished
from store.last_days import inactivate, people_due, unseat
from store.mail_templates import MailValue
from store.outbox import MailOrder, queue_mail
from store.people import load_people
from store.recipients import lock_users
from store.sessions import finish_everything

NAME: Final = "last days"
_PEOPLE: Final = 200
_EVER: Final = timedelta(days=400)
"""How far back the first night looks: further than any year."""


async def end_last_days(day: Day, connection: Connection) -> str | None:
    """The daily job, up to 200 people at a time: also what nights on which no process ran have left.

    The role itself stays as it is, with its last day over: it is named where somebody asks why, it is extended by
    updateAssignment, and it can be brought back next year.
    """
    done = await last_finished(connection, NAME)
    after = UserId(UUID(day.position)) if day.position else None
    users = await people_due(connection, done or day.date - _EVER, day.date, after, _PEOPLE)
    if not users:
        return None
    await lock_users(connection, users)
    night = Night(day, day.gateway.packs.current, day.gateway.new_id())
    unseated = await unseat(connection, users, day.date)
    for assignment, user in unseated.items():
        await night.audit(
            connection, Target("role_assignment", str(assignment)), None, before={"user": str(user), "primary": True},
            after={"primary": False}, reason="last day",
        )  # fmt: skip
    followed = await succeed(night, connection, await _departed(connection, users, unseated, day.date))
    for user in await inactivate(connection, users, day.date):
        await finish_everything(connection, user, day.gateway.now(), "inactive")
        await night.audit(
            connection, Target("user", str(user)), None, before=None, after={"status": UserStatus.INACTIVE.value},
            reason="last day",
        )  # fmt: skip
    await raise_versions(connection, {*users, *followed})
    return str(users[-1])


@dataclass(frozen=True, slots=True)
class Night:
    """Where a succession is written down and told when nobody's change has led to it."""

    day: Day
    packs: Packs
    id: UUID

    @property
    def today(self) -> date:
        return self.day.date

    async def audit(
        self, connection: Connection, target: Target, under: Assignment | None, *,
        before: Mapping[str, object] | None, after: Mapping[str, object], reason: str,
    ) -> None:  # fmt: skip
        acting = f"{under.program}/{under.role}" if under else None
        event = AuditEvent(
            "endLastDays", target.type, target.id, acting_under=acting, before=before, after=after, reason=reason
        )
        await record(connection, event)

    async def mail(self, connection: Connection, template: str, user: UserId, **values: MailValue) -> None:
        await queue_mail(connection, self.day.gateway.new_id(), MailOrder(template, user, values, cause=self.id))


async def _departed(
    connection: Connection, users: list[UserId], unseated: Mapping[AssignmentId, UserId], today: date
) -> list[Departed]:
    """Whose last day is over, primary ones as they were before."""
    people = await load_people(connection, users)
    return [
        Departed(user, replace(one, primary=one.id in unseated))
        for user, loaded in people.items()
        for one in loaded.person.assignments
        if one.last_day is not None and one.last_day < today
    ]
