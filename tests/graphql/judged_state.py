"""The rows of a small state, read by plain SQL, as the access rules see them for one caller: without `store`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from policy.access import AnyOf, Subject, holds
from policy.caller import Anonymous, Caller, PersonCaller
from policy.facts import (
    Assignment,
    AssignmentStatus,
    Credential,
    Level,
    Organization,
    Person,
    RosterPlace,
    SignedForm,
    UserStatus,
    Years,
)
from policy.grants import access_of
from policy.ids import System, system_of
from policy.packs import Packs
from policy.reach import Place
from store.database import Connection

Row = dict[str, Any]


@dataclass(slots=True)
class Facts:
    """Every row, by table and id, and the systems in which each assignment gives something today."""

    users: dict[UUID, Row]
    organizations: dict[UUID, Row]
    role_assignments: dict[UUID, Row]
    student_groups: dict[UUID, Row]
    years: Years
    timeless: frozenset[str]
    gives: dict[UUID, frozenset[System]] = field(default_factory=dict[UUID, frozenset[System]])

    def table(self, name: str) -> dict[UUID, Row]:
        found: dict[UUID, Row] = getattr(self, name)
        return found

    def counts(self, a: Row) -> bool:
        """Whether the assignment says where its person lies."""
        year = a["school_year"]
        known = (self.years.current.get(a["program"]), self.years.upcoming.get(a["program"]))
        return a["status"] != "expired" and (year == "" or year in known)

    def of_user(self, user: UUID) -> list[Row]:
        return [a for a in self.role_assignments.values() if a["user_id"] == user]

    def place(self, a: Row) -> Place:
        here = self.organizations[a["organization_id"]]
        return Place(here["id"], Level(here["level"]), here["lea_id"], a["program"], a["school_year"], a["role"])


async def read_facts(connection: Connection, packs: Packs, today: date) -> Facts:
    async def all_of(table: str) -> dict[UUID, Row]:
        return {row["id"]: dict(row.items()) for row in await connection.fetch(f"select * from {table}")}

    years = Years({}, {})
    for row in await connection.fetch("select * from school_years"):
        if row["status"] in ("current", "upcoming"):
            getattr(years, row["status"])[row["program"]] = row["school_year"]
    timeless = frozenset(
        row["program"] for row in await connection.fetch("select program from packs where from_year=''")
    )
    tables = [await all_of(one) for one in ("users", "organizations", "role_assignments", "student_groups")]
    facts = Facts(*tables, years=years, timeless=timeless)
    forms = [dict(row.items()) for row in await connection.fetch("select * from signed_forms")]
    credentials = [dict(row.items()) for row in await connection.fetch("select * from credentials")]
    holders = [(row["user_id"], row["group_id"]) for row in await connection.fetch("select * from student_group_users")]
    for user in facts.users.values():
        person = Person(
            user["id"],
            UserStatus(user["status"]),
            tuple(_assignment(facts, a) for a in facts.of_user(user["id"]) if facts.counts(a)),
            frozenset(
                SignedForm(one["program"], one["form"], one["school_year"])
                for one in forms
                if one["user_id"] == user["id"]
            ),
            tuple(Credential(one["lea_id"], one["expires_on"]) for one in credentials if one["user_id"] == user["id"]),
            tuple(_roster(facts.student_groups[group]) for holder, group in holders if holder == user["id"]),
        )
        for grant in access_of(person, packs, years, today).grants:
            if grant.current:
                known = facts.gives.get(grant.assignment, frozenset())
                facts.gives[grant.assignment] = known | {system_of(grant.permission)}
    return facts


def _assignment(facts: Facts, a: Row) -> Assignment:
    here = facts.organizations[a["organization_id"]]
    where = Organization(
        here["id"], Level(here["level"]), here["code"], here["name"], here["lea_id"], None, here["active"]
    )
    return Assignment(
        a["id"], a["program"], a["role"], where, a["school_year"], AssignmentStatus(a["status"]), a["primary"],
        a["last_day"],
    )  # fmt: skip


def _roster(group: Row) -> RosterPlace:
    return RosterPlace(group["id"], group["organization_id"], group["lea_id"], group["school_year"])


@dataclass(frozen=True, slots=True)
class Eyes:
    """The facts as one caller may see them."""

    facts: Facts
    caller: Caller

    @property
    def systems(self) -> frozenset[System] | None:
        return None if isinstance(self.caller, Anonymous) else self.caller.systems

    def holds(self, rules: tuple[AnyOf, ...], subject: Subject) -> bool:
        return all(holds(self.caller, one, subject) for one in rules)

    def sees(self, table: str, row: Row, rules: tuple[AnyOf, ...]) -> bool:
        return self.holds(rules, self.subject(table, row))

    def subject(self, table: str, row: Row) -> Subject:
        me = self.caller if isinstance(self.caller, PersonCaller) else None
        match table:
            case "users":
                mine = self.facts.of_user(row["id"])
                places = tuple(self.facts.place(a) for a in mine if self.facts.counts(a)) or (self._nowhere(),)
                return Subject(row["id"], places, any(self.own(a) for a in mine))
            case "role_assignments":
                owner = row["user_id"] if self.systems is None or self.own(row) else None
                return Subject(owner, (self.facts.place(row),), self.own(row))
            case "organizations":
                owner = me.user if me and row["id"] in me.own_organizations else None
                place = Place(row["id"], Level(row["level"]), row["lea_id"])
                return Subject(owner, (place,), any(self.own(a) for a in self._at(row)))
            case _:
                owner = me.user if me and row["id"] in me.own_groups else None
                here = self.facts.organizations[row["organization_id"]]
                place = Place(here["id"], Level(here["level"]), here["lea_id"], None, row["school_year"])
                return Subject(owner, (place,), group=row["id"])

    def holding(self, a: Row) -> Subject:
        """A person as her one assignment shows her, where a list asks for it."""
        return Subject(None, (self.facts.place(a),), self.own(a))

    def own(self, a: Row) -> bool:
        """Whether the assignment gives an active grant in one of the caller's systems."""
        return bool(self.facts.gives.get(a["id"], frozenset()) & (self.systems or frozenset()))

    def _at(self, organization: Row) -> Iterator[Row]:
        for a in self.facts.role_assignments.values():
            below = organization["level"] == "lea" and a["lea_id"] == organization["id"]
            if below or a["organization_id"] == organization["id"]:
                yield a

    def _nowhere(self) -> Place:
        """Where somebody without any role lies: in the state, in no program."""
        state = next(one for one in self.facts.organizations.values() if one["level"] == "state")
        nothing: Any = ""
        return Place(state["id"], Level.STATE, None, nothing, nothing, nothing)
