"""The one statement of a question of access: it proves that remembered facts are true now, and reads the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from policy.facts import Level, UserStatus
from policy.ids import AssignmentId, GroupId, OrganizationId, SchoolYear, UserId
from policy.reach import Place
from store.composed import Parameters, fill
from store.connection import Connection, Row
from store.marks import Mark


@dataclass(frozen=True, slots=True)
class ProofWanted:
    """Whom and what questions name. `client`: the asking system, whose mode is read too. `members`: keyed hashes."""

    people: Sequence[UserId]
    client: str | None = None
    groups: Sequence[GroupId] = ()
    members: Sequence[bytes] = ()
    assignments: Sequence[AssignmentId] = ()


@dataclass(frozen=True, slots=True)
class Stands:
    """How a person stands: facts that were loaded at this status and version are true."""

    status: UserStatus
    version: int


@dataclass(frozen=True, slots=True)
class Proof:
    """All as of one moment. `version`: of the last change of all. What isn't in a mapping doesn't exist."""

    version: int
    epoch: int
    stands: dict[UserId, Stands]
    in_union: bool = False
    groups: dict[GroupId, Place] = field(default_factory=dict[GroupId, Place])
    members: dict[bytes, frozenset[GroupId]] = field(default_factory=dict[bytes, frozenset[GroupId]])
    assignments: dict[AssignmentId, UserId] = field(default_factory=dict[AssignmentId, UserId])


async def read_proof(connection: Connection, wanted: ProofWanted, mark: Mark | None) -> Proof:
    """One statement. Raises CallerChangedError where the caller's facts may have changed."""
    parameters = Parameters()
    parts = {"mark": mark.sql(parameters) if mark else "null", "people": parameters.add(wanted.people, "uuid[]")}
    text = fill("decision_facts", "proof", more=_more(parameters, wanted), **parts)
    rows = await connection.fetch(text, *parameters.values)
    first = rows[0]
    if mark is not None:
        mark.verify(first["mark"])
    epoch: int = first["epoch"]
    stands = {
        row["id"]: Stands(UserStatus(row["status"]), max(row["access_version"], epoch))
        for row in rows
        if row["id"] is not None
    }
    return Proof(
        first["version"],
        epoch,
        stands,
        in_union=wanted.client is not None and first["in_union"] is True,
        groups=_groups(first, wanted),
        members=_members(first, wanted),
        assignments={one[0]: one[1] for one in first["assignments"] or ()} if wanted.assignments else {},
    )


def _more(parameters: Parameters, wanted: ProofWanted) -> str:
    """The columns that only some questions need."""
    found = ""
    if wanted.client is not None:
        found += fill("decision_facts", "in_union", client=parameters.add(wanted.client, "text"))
    if wanted.groups:
        found += _on_first_row("groups", ids=parameters.add(wanted.groups, "uuid[]"))
    if wanted.members:
        found += _on_first_row("members", keys=parameters.add(wanted.members, "bytea[]"))
    if wanted.assignments:
        found += _on_first_row("assignments", ids=parameters.add(wanted.assignments, "uuid[]"))
    return found


def _on_first_row(column: str, **places: str) -> str:
    return fill("decision_facts", "on_first_row", column=column, value=fill("decision_facts", column, **places))


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
