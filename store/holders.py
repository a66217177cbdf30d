"""Who holds given roles at given organizations, as far as the caller may see: all of them in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policy.access import RowFilter
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.composed import Parameters, fill
from store.connection import Connection
from store.own_systems import OwnSystems
from store.reach import ReachedRows, with_clause


@dataclass(frozen=True, slots=True)
class RoleSought:
    """A role at one organization; `primary`: only its primary holder. `school_year` is '' where it has none."""

    program: ProgramCode
    school_year: SchoolYear
    role: RoleSlug
    organization: OrganizationId
    primary: bool = False


async def holders_of_roles(
    connection: Connection,
    sought: Sequence[RoleSought],
    rows: RowFilter,
    today: date,
    most: int,
    own: OwnSystems | None = None,
) -> dict[RoleSought, tuple[UserId, ...]]:
    """For each role sought, at most `most` who hold it today with an active account, the primary one first.

    Whether the role gives them anything (forms, credentials) is the core's to say.
    """
    parameters = Parameters()
    reached = ReachedRows(parameters, rows, own)
    parts = {
        "sought": parameters.add([_row(number, one) for number, one in enumerate(sought)], "jsonb"),
        "today": parameters.add(today, "date"),
        "reached": reached.assignment("a"),
        "limit": parameters.add(most, "int"),
    }
    text = fill("holders", "of_roles", **{"with": with_clause(*reached.ctes())}, **parts)
    found: dict[RoleSought, list[UserId]] = {one: [] for one in sought}
    for row in await connection.fetch(text, *parameters.values):
        found[sought[row["number"]]].append(row["user_id"])
    return {one: tuple(users) for one, users in found.items()}


def _row(number: int, one: RoleSought) -> dict[str, object]:
    return {
        "number": number,
        "program": one.program,
        "school_year": one.school_year,
        "role": one.role,
        "primary": one.primary,
        "organization": str(one.organization),
    }
