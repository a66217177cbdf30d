"""The one statement of a question of access: it proves that remembered facts are true now, and reads the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from policy.facts import Level, UserStatus
from policy.ids import AssignmentId, GroupId, OrganizationId, SchoolYear, UserId
from policy.reach import Place
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.marks import Mark

_STATUS = {status.value: status for status in UserStatus}


@dataclass(frozen=True, slots=True)
class ProofWanted:
    """Whom and what questions name. `members`: keyed hashes."""

    people: Sequence[UserId]
    groups: Sequence[GroupId] = ()
    members: Sequence[bytes] = ()
    assignments: Sequence[AssignmentId] = ()


@dataclass(slots=True)
class Stands:
    """How a person stands: facts that were loaded at this status and version are true."""

    status: UserStatus
    version: int


@dataclass(slots=True)
class Proof:
    """All as of one moment. `version`: of the last change of all. What isn't in a mapping doesn't exist."""

    version: int
    epoch: int
    stands: dict[UserId, Stands]
    groups: dict[GroupId, Place] = field(default_factory=dict[GroupId, Place])
    members: dict[bytes, frozenset[GroupId]] = field(default_factory=dict[bytes, frozenset[GroupId]])
    assignments: dict[AssignmentId, UserId] = field(default_factory=dict[AssignmentId, UserId])


async def read_proof(connection: Connection, wanted: ProofWanted, mark: Mark | None) -> Proof:
    """One statement. Raises CallerChangedError where the caller's facts may have changed."""
    parameters = Parameters()
    mark_sql, values = _marked(mark)
    parameters.values.extend(values)
    people, shape = "", "proof_of_nobody"
    if len(wanted.people) == 1:
        people, shape = parameters.add(wanted.people[0], "uuid"), "proof_of_one"
    elif wanted.people:
        people, shape = parameters.add(wanted.people, "uuid[]"), "proof_of_many"
    plain = not (wanted.groups or wanted.members or wanted.assignments)
    text = _text(shape, mark_sql, people, () if plain else _more(parameters, wanted))
    rows = await connection.fetch(text, *parameters.values)
    first = rows[0]
    if mark is not None:
        mark.verify(first["mark"])
    epoch: int = first["epoch"]
    stands = {row["id"]: _stands(row, epoch) for row in rows if row["id"] is not None}
    if plain:
        return Proof(first["version"], epoch, stands)
    return Proof(
        first["version"], epoch, stands, _groups(first, wanted), _members(first, wanted), _assignments(first, wanted)
    )


@dataclass(frozen=True, slots=True)
class StandsStill:
    """The statement that proves, by itself, that remembered facts of the caller and of one person are still true."""

    text: str
    values: tuple[object, ...]


def stands_still(mark: Mark, person: UserId | None = None, stands: Stands | None = None) -> StandsStill:
    """`person` as she stood when her facts were loaded; None: only the caller is to be proven."""
    parameters = Parameters()
    parts = {"mark": mark.sql(parameters), "expected": parameters.add(mark.expected, "text")}
    if person is None or stands is None:
        return StandsStill(fill("decision_facts", "caller_stands", **parts), tuple(parameters.values))
    parts |= {
        "person": parameters.add(person, "uuid"),
        "status": parameters.add(stands.status.value, "text"),
        "epoch": parameters.add(mark.epoch, "bigint"),
        "version": parameters.add(stands.version, "bigint"),
    }
    return StandsStill(fill("decision_facts", "both_stand", **parts), tuple(parameters.values))


async def is_proven(connection: Connection, still: StandsStill) -> bool:
    """Whether all of it is true at this moment. One statement, which tells nothing else."""
    return bool(await connection.fetch(still.text, *still.values))


@lru_cache(maxsize=20_000)
def _marked(mark: Mark | None) -> tuple[str, tuple[object, ...]]:
    """The mark's expression and its parameters."""
    parameters = Parameters()
    return ("null" if mark is None else mark.sql(parameters)), tuple(parameters.values)


@lru_cache(maxsize=500)
def _text(shape: str, mark: str, people: str, more: tuple[tuple[str, str], ...]) -> str:
    """Few texts, each filled once: the shape, the mark and the places of parameters are all that differs."""
    columns = (
        fill("decision_facts", "on_first_row", column=column, value=fill("decision_facts", column, ids=ids))
        for column, ids in more
    )
    return fill("decision_facts", shape, mark=mark, people=people, more="".join(columns))


def _more(parameters: Parameters, wanted: ProofWanted) -> tuple[tuple[str, str], ...]:
    """The columns that only some questions need, each with the place of its parameter."""
    sought: tuple[tuple[str, Sequence[object], str], ...] = (
        ("groups", wanted.groups, "uuid[]"),
        ("members", wanted.members, "bytea[]"),
        ("assignments", wanted.assignments, "uuid[]"),
    )
    return tuple((column, parameters.add(ids, kind)) for column, ids, kind in sought if ids)


def _stands(row: Row, epoch: int) -> Stands:
    return Stands(_STATUS[row["status"]], max(row["access_version"], epoch))


def _groups(row: Row, wanted: ProofWanted) -> dict[GroupId, Place]:
    found: Sequence[tuple[UUID, UUID, str, UUID | None, str]] = (row["groups"] or ()) if wanted.groups else ()
    return {
        GroupId(group): Place(
            OrganizationId(organization),
            Level(level),
            None if lea is None else OrganizationId(lea),
            None,
            SchoolYear(year),
        )
        for group, organization, level, lea, year in found
    }


def _members(row: Row, wanted: ProofWanted) -> dict[bytes, frozenset[GroupId]]:
    found: dict[bytes, set[GroupId]] = {}
    pairs: Sequence[Any] = (row["members"] or ()) if wanted.members else ()
    for key, group in pairs:
        found.setdefault(bytes(key), set()).add(GroupId(group))
    return {key: frozenset(groups) for key, groups in found.items()}


def _assignments(row: Row, wanted: ProofWanted) -> dict[AssignmentId, UserId]:
    pairs: Sequence[Any] = (row["assignments"] or ()) if wanted.assignments else ()
    return {AssignmentId(assignment): UserId(user) for assignment, user in pairs}
