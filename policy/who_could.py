"""Who could see something between two moments: what each role gave of it, from when to when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from policy.decide import Question, Target, decide
from policy.facts import Assignment, Person
from policy.grant import Access
from policy.ids import AssignmentId, Permission, UserId


@dataclass(frozen=True, slots=True)
class Sight:
    """A permission that reached the thing, from one assignment."""

    user: UserId
    assignment: AssignmentId
    permission: Permission


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment on until another, which is not part of it."""

    since: datetime
    until: datetime


def sights(person: Person, access: Access, target: Target, permission: Permission | None) -> Iterator[Sight]:
    """Every permission of hers (or the one) that reaches the target now, each grant by itself."""
    held = {one.id: one for one in person.assignments}
    asked: dict[Sight, bool] = {}
    for grant in access.grants:
        sight = Sight(person.id, grant.assignment, grant.permission)
        if (permission is not None and grant.permission != permission) or asked.get(sight):
            continue
        alone = Access(person.id, person.status, (grant,), (), _of(held, grant.assignment))
        asked[sight] = decide(alone, Question(grant.permission, target)).allowed
    yield from (sight for sight, reached in asked.items() if reached)


@dataclass(slots=True)
class Sweep:
    """Moments passed in order, each person looked at wherever something of hers may have changed."""

    _open: dict[UserId, dict[Sight, datetime]] = field(default_factory=dict[UserId, dict[Sight, datetime]])
    _closed: list[tuple[Sight, Period]] = field(default_factory=list[tuple[Sight, Period]])

    def pass_(self, moment: datetime, user: UserId, seen: Iterable[Sight]) -> None:
        """From this moment on the person could see by exactly these."""
        before, now = self._open.get(user, {}), set(seen)
        for sight, since in before.items():
            if sight not in now and since < moment:
                self._closed.append((sight, Period(since, moment)))
        self._open[user] = {sight: before.get(sight, moment) for sight in now}

    def end(self, moment: datetime) -> list[tuple[Sight, Period]]:
        """Everything that was found, up to this moment."""
        last = [(one, Period(since, moment)) for mine in self._open.values() for one, since in mine.items()]
        return [*self._closed, *(found for found in last if found[1].since < moment)]


def together(found: Iterable[tuple[Sight, Period]]) -> dict[tuple[UserId, AssignmentId, Period], list[Permission]]:
    """The permissions of one assignment over the same period, as one."""
    joined: dict[tuple[UserId, AssignmentId, Period], list[Permission]] = {}
    for sight, period in found:
        joined.setdefault((sight.user, sight.assignment, period), []).append(sight.permission)
    return {key: sorted(permissions) for key, permissions in joined.items()}


def _of(held: dict[AssignmentId, Assignment], identifier: AssignmentId) -> tuple[Assignment, ...]:
    return (held[identifier],) if identifier in held else ()
