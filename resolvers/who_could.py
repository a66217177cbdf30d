"""Who could see a school, a group or a student between two moments: the same judgement, moment after moment."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import TypeVar

from policy.access import AnyOf, Subject, holds
from policy.facts import Person
from policy.grants import access_of
from policy.ids import GroupId, OrganizationId, Permission, UserId
from policy.reach import Place
from policy.who_could import Period, Sight, Sweep, sights, together
from resolvers.asking import Asking, Reads
from resolvers.decision_facts import told_of
from resolvers.decisions import CheckAsked, asker_of
from resolvers.past import asking_at, moved_to
from resolvers.questions import Sought, sought
from resolvers.refusals import bad_input, not_found
from store.connection import Connection
from store.people import load_people
from store.who_could import Candidate, RoleThen, Turn, candidates, places_between, roles_then, turns

Answer = TypeVar("Answer")

MOST_PEOPLE = 1_000
MOST_MOMENTS = 500
MOST_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class CouldRow:
    """A role by which somebody could see it, by which permissions, from when to when."""

    user_id: UserId
    person_name: str | None
    program: str
    role: str
    school_year: str | None
    level: str
    code: str
    organization_name: str
    permissions: list[Permission]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Rules:
    """`whole`: of whoever is told of everybody; `here`: who may ask about a place; `role`: whose roles she is told."""

    whole: AnyOf
    here: AnyOf
    role: AnyOf


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the thing asked about was and is, at any moment of the period."""

    places: list[OrganizationId]
    groups: list[GroupId]
    member: bytes | None


@dataclass(slots=True)
class _Due:
    """Whom to look at; `anew`: with the tree, groups, years and packs read again."""

    users: set[UserId]
    anew: bool = False


async def who_could(asking: Asking, check: CheckAsked, period: Period, rules: Rules) -> list[CouldRow]:
    """Raises RefusedError: NOT_FOUND out of reach, BAD_USER_INPUT for what can't be answered or is too much at once."""
    if len(check.targets) != 1:
        raise bad_input("Ask about one thing: give an organization, a student group or a student.")
    if period.since >= period.until:
        raise bad_input("The period ends before it begins.")
    if check.student is not None and check.student.organization is None:
        raise bad_input("Name the student's school as well.")
    target = await _target(asking, check, period, rules)
    people = await asking.reads.run(partial(candidates, places=target.places, period=period, most=MOST_PEOPLE))
    if len(people) > MOST_PEOPLE:
        raise bad_input(f"More than {MOST_PEOPLE:,} people had a role there: ask about a smaller place or period.")
    due = await _due(asking, people, target, period)
    if len(due) > MOST_MOMENTS:
        raise bad_input(f"Something changed there at {len(due):,} moments; {MOST_MOMENTS} can be looked at at once.")
    found = await asking.reads.run(lambda connection: _swept(_on(asking, connection), check, due, period))
    return await _rows(asking, found, rules)


async def _target(asking: Asking, check: CheckAsked, period: Period, rules: Rules) -> _Target:
    """Where it was; refused where the asker may not ask about it by today's reach."""
    here: set[OrganizationId] = set()
    for moment in (period.since, period.until):
        here.update(one.organization for one in await _places(await asking_at(asking, moment), check))
    today = await _places(asking, check)
    seen = any(holds(asking.caller, rules.here, Subject(places=(one,))) for one in today)
    if not here or not (seen or holds(asking.caller, rules.whole, Subject())):
        raise not_found("There is no such organization, student group or student, or none within your reach.")
    places = await asking.reads.run(partial(places_between, organizations=here, period=period))
    groups = [GroupId(check.student_group)] if check.student_group else []
    member = asking.student_key(check.student.number) if check.student else None
    return _Target(places, groups, member)


async def _places(asking: Asking, check: CheckAsked) -> list[Place]:
    asked = await _asked(asking, check)
    found = getattr(asked.question.target, "place", None)
    return [found] if asked.known and isinstance(found, Place) else []


async def _asked(asking: Asking, check: CheckAsked) -> Sought:
    return sought(check, await told_of(asker_of(asking, (), ()), [check]))


class _OneConnection(Reads):
    """Reads of many moments: each is one of the same question, which counts as one."""

    def __init__(self, connection: Connection) -> None:
        self._only = connection

    async def run(self, statement: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        return await statement(self._only)


def _on(asking: Asking, connection: Connection) -> Asking:
    return replace(asking, reads=_OneConnection(connection), batches={})


async def _swept(
    asking: Asking, check: CheckAsked, due: dict[datetime, _Due], period: Period
) -> list[tuple[Sight, Period]]:
    sweep = Sweep()
    then, asked = asking, None
    for moment, one in sorted(due.items()):
        if one.anew or asked is None:
            then = await asking_at(asking, moment)
            asked = await _asked(then, check)
        then = moved_to(then, asking, moment)
        loaded = await then.reads.run(partial(load_people, users=sorted(one.users)))
        for user in one.users:
            known = loaded.get(user) if asked.known else None
            sweep.pass_(moment, user, _sights(then, known.person, asked, check) if known else ())
    return sweep.end(period.until)


def _sights(then: Asking, person: Person, asked: Sought, check: CheckAsked) -> Iterator[Sight]:
    access = access_of(person, then.packs, then.years, then.clock.today)
    return sights(person, access, asked.question.target, check.permission)


async def _due(asking: Asking, people: Sequence[Candidate], target: _Target, period: Period) -> dict[datetime, _Due]:
    """Whom to look at anew at which moment. At the beginning everybody; where others' roles change, the derived too."""
    everybody = {one.user for one in people}
    derived = {one.user for one in people if one.derived}
    find = partial(turns, places=target.places, period=period, groups=target.groups, member=target.member)
    found = await asking.reads.run(partial(find, people=everybody))
    due = {period.since: _Due(everybody, anew=True)}
    for turn in found:
        for moment in _moments(asking, turn):
            if period.since < moment < period.until:
                one = due.setdefault(moment, _Due(set()))
                one.anew |= turn.user is None
                one.users.update(
                    everybody if turn.user is None else {turn.user}, derived if turn.kind == "role" else ()
                )
    return due


def _moments(asking: Asking, turn: Turn) -> Iterator[datetime]:
    if turn.at is not None:
        yield turn.at
    if turn.day is not None:
        yield datetime.combine(turn.day + timedelta(days=1), time(), asking.clock.zone)


async def _rows(asking: Asking, found: list[tuple[Sight, Period]], rules: Rules) -> list[CouldRow]:
    ids = sorted({sight.assignment for sight, _ in found})
    roles = await asking.reads.run(partial(roles_then, ids=ids))
    whole = holds(asking.caller, rules.whole, Subject())
    rows = [
        _row(roles[assignment], permissions, period)
        for (_, assignment, period), permissions in together(found).items()
        if assignment in roles and (whole or _sees(asking, roles[assignment], rules.role))
    ]
    if len(rows) > MOST_ROWS:
        raise bad_input(f"The answer has {len(rows):,} rows, where {MOST_ROWS:,} are shown: ask for a shorter period.")
    asking.show(len(rows))
    return sorted(rows, key=lambda one: (one.person_name or "", one.user_id, one.since, one.program, one.role))


def _sees(asking: Asking, one: RoleThen, rule: AnyOf) -> bool:
    place = Place(one.organization, one.level, one.lea, one.program, one.school_year, one.role)
    return holds(asking.caller, rule, Subject(one.user, (place,)))


def _row(one: RoleThen, permissions: list[Permission], period: Period) -> CouldRow:
    return CouldRow(
        one.user, one.person_name, one.program, one.role, one.school_year or None, one.level.value, one.code,
        one.organization_name, permissions, period.since, period.until,
    )  # fmt: skip
