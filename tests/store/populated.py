"""A generated state in the database: the tree and packs of `tests.policy.worlds`, with people drawn from a seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from policy.facts import (
    Assignment,
    AssignmentStatus,
    Credential,
    Filled,
    Organization,
    Person,
    RosterPlace,
    SignedForm,
    UserStatus,
)
from policy.ids import GroupId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.connection import Connection
from store.keys_of import email_key, name_key, text_key
from tests.policy import worlds
from tests.policy.worlds import BLUE, LAST, NEXT, NOW, RED, STATE_PROGRAM, TODAY, ident

FIRST_NAMES = ("Ana", "Bo", "Chloé", "Dee", "Élan")
LAST_NAMES = ("Ávila", "Bell", "avila", "Zúñiga", "O'Neil", "Ng")
PAST = date(2026, 11, 1)
GONE = worlds.Holding(worlds.BOSS, worlds.LEAS[1])
"""Whose last day is over: from then on the heads of that LEA stand in."""
AT = datetime(2026, 9, 1, tzinfo=UTC)
GROUPS = tuple(
    RosterPlace(GroupId(ident(f"db-group{number}")), where.id, where.lea, year)
    for number, (where, year) in enumerate((where, year) for where in worlds.SCHOOLS for year in (LAST, NOW))
)


@dataclass(frozen=True, slots=True)
class Populated:
    people: tuple[Person, ...]

    @property
    def ids(self) -> tuple[UserId, ...]:
        return tuple(person.id for person in self.people)


def draw_people(count: int, seed: int) -> tuple[Person, ...]:
    rng = random.Random(seed)
    drawn = tuple(_draw(rng, number) for number in range(count))
    every = [one for person in drawn for one in person.assignments]
    return tuple(replace(person, filled=tuple(_filled(person, every))) for person in drawn)


def _draw(rng: random.Random, number: int) -> Person:
    user = UserId(ident(f"db-person{number}"))
    status = rng.choice((UserStatus.ACTIVE,) * 6 + (UserStatus.INVITED, UserStatus.INACTIVE, UserStatus.SUSPENDED))
    assignments = {one.id: one for one in (_assignment(rng, number) for _ in range(rng.choice((0, 1, 1, 2, 4))))}
    forms = frozenset(SignedForm(program, "affidavit", year) for program in (RED, BLUE) for year in (LAST, NOW) if rng.random() < 0.8)  # fmt: skip  # noqa: E501
    credentials = tuple(Credential(lea.id, rng.choice((date(2026, 11, 1), TODAY, TODAY))) for lea in worlds.LEAS if rng.random() < 0.7)  # fmt: skip  # noqa: E501
    rosters = tuple(one for one in GROUPS if rng.random() < 0.6)
    return Person(user, status, tuple(assignments.values()), forms, credentials, rosters)


def _assignment(rng: random.Random, number: int) -> Assignment:
    if rng.random() < 0.03:
        holding, program, year = worlds.Holding(worlds.HELP, worlds.STATE), STATE_PROGRAM, SchoolYear("")
    else:
        holding, program = rng.choice(worlds.HOLDINGS), rng.choice((RED, BLUE))
        year = rng.choice((LAST, NOW, NOW, NOW, NEXT))
    if holding == worlds.Holding(worlds.BOSS, worlds.LEAS[2]):
        holding = worlds.Holding(worlds.SPLIT, worlds.LEAS[2])  # one LEA without a boss: its heads stand in
    return worlds.assignment(
        holding,
        program,
        year,
        name=str(number),
        status=rng.choice((*[AssignmentStatus.ACTIVE] * 4, AssignmentStatus.SUSPENDED, AssignmentStatus.EXPIRED)),
        last_day=PAST if holding == GONE else rng.choice((None, None, None, date(2026, 11, 1), TODAY)),
    )


async def populate(connection: Connection, people: Sequence[Person]) -> Populated:
    """Write the tree, years, groups and people. Returns the people as they must be read back."""
    await _write_tree(connection)
    for number, person in enumerate(people):
        await _write_person(connection, person, number)
    return Populated(tuple(_as_loaded(person) for person in people))


async def _write_tree(connection: Connection) -> None:
    for where in worlds.TREE:
        await write_organization(connection, where)
    await connection.executemany(
        "insert into school_years (program, school_year, status) values ($1, $2, $3)",
        [(RED, LAST, "closed"), (RED, NOW, "current"), (RED, NEXT, "upcoming"), (BLUE, NOW, "current")],
    )
    await connection.execute(
        "insert into packs (program, from_year, source, digest) values ($1, '', '', '')", STATE_PROGRAM
    )
    await connection.executemany(
        "insert into student_groups (id, organization_id, lea_id, school_year, name, name_key) "
        "values ($1, $2, $3, $4, $5, $6)",
        [(one.group, one.organization, one.lea, one.school_year, f"Group {n}", f"group {n}") for n, one in enumerate(GROUPS)],  # noqa: E501
    )  # fmt: skip


async def write_organization(connection: Connection, where: Organization) -> None:
    parent = None if where.level == "state" else worlds.STATE.id if where.level == "lea" else where.lea
    await connection.execute(
        "insert into organizations (id, level, parent_id, lea_id, code, name, name_key, active) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        where.id, where.level.value, parent, where.lea, where.code, where.name, text_key(where.name), where.active,
    )  # fmt: skip


async def _write_person(connection: Connection, person: Person, number: int) -> None:
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
    address = f"{first}.{number}@Example.org"
    await connection.execute(
        "insert into users (id, email, email_key, first_name, last_name, name_key, status) "
        "values ($1, $2, $3, $4, $5, $6, $7)",
        person.id, address, email_key(address), first, last, name_key(last, first), person.status.value,
    )  # fmt: skip
    await connection.executemany(
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key, "
        "status, origin, assigned_at, last_day) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        [
            (
                one.id, person.id, one.program, one.role, one.school_year, one.organization.id, one.organization.lea,
                name_key(last, first), one.status.value, "directory" if one.role == worlds.HEAD else "operator", AT,
                one.last_day,
            )
            for one in person.assignments
        ],
    )  # fmt: skip
    await connection.executemany(
        "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name) "
        "values ($1, $2, $3, $4, '1', 'me')",
        [(person.id, form.program, form.form, form.school_year) for form in person.forms],
    )
    await connection.executemany(
        "insert into credentials (id, user_id, lea_id, number, expires_on) values (gen_random_uuid(), $1, $2, '7', $3)",
        [(person.id, one.lea, one.expires_on) for one in person.credentials],
    )
    await connection.executemany(
        "insert into student_group_users (group_id, user_id) values ($1, $2)",
        [(one.group, person.id) for one in person.rosters],
    )


def _as_loaded(person: Person) -> Person:
    """Only assignments of current and upcoming years are loaded, in a fixed order, each with its LEA's code."""
    return replace(
        person,
        assignments=tuple(sorted(_loaded(person.assignments), key=_order)),
        credentials=tuple(sorted(person.credentials, key=lambda one: (one.lea, one.expires_on))),
        rosters=tuple(sorted(person.rosters, key=lambda one: one.group)),
    )


def _filled(person: Person, every: Sequence[Assignment]) -> Iterator[Filled]:
    """What is held beside her where she is head, in the order in which it is grouped."""
    headed = {_post(one) for one in person.assignments if one.role == worlds.HEAD and _lasts(one)}
    days: dict[tuple[ProgramCode, SchoolYear, OrganizationId, RoleSlug], list[date | None]] = {}
    for one in every:
        if _post(one) in headed and _lasts(one):
            days.setdefault((*_post(one), one.role), []).append(one.last_day)
    for key in sorted(days):
        known = [day for day in days[key] if day is not None]
        yield Filled(*key, max(known) if len(known) == len(days[key]) else None)


def _post(one: Assignment) -> tuple[ProgramCode, SchoolYear, OrganizationId]:
    return one.program, one.school_year, one.organization.id


def _lasts(one: Assignment) -> bool:
    return one.status is not AssignmentStatus.EXPIRED


def _loaded(assignments: tuple[Assignment, ...]) -> Iterator[Assignment]:
    codes = {lea.id: lea.code for lea in worlds.LEAS}
    counted = {(RED, NOW), (RED, NEXT), (BLUE, NOW), (STATE_PROGRAM, "")}
    for one in assignments:
        if one.status is not AssignmentStatus.EXPIRED and (one.program, one.school_year) in counted:
            lea = one.organization.lea
            where = replace(one.organization, lea_code=None if lea is None else codes[lea])
            yield replace(one, organization=where)


def _order(one: Assignment) -> tuple[str, ...]:
    return (one.program, one.school_year, str(one.organization.id), one.role)
