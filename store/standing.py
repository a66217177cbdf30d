"""How a person stands at this instant: what the first statement of each request reads again."""

from dataclasses import dataclass

from policy.facts import UserStatus
from policy.grant import ActiveRole
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.database import Row


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's status and access version under the global epoch: facts read at both are still true."""

    user: UserId
    status: UserStatus
    access_version: int
    epoch: int
    acr: str = ""
    """How the person proved herself in the session behind; '' where there is none."""
    lea: OrganizationId | None = None
    """Where the session came through an LEA's own identity provider: nothing outside that LEA counts."""
    place: OrganizationId | None = None
    """Where an authorization's role was narrowed to one organization: nothing held elsewhere counts."""

    @property
    def version(self) -> int:
        """The version of the last change that concerns this person."""
        return max(self.access_version, self.epoch)


def standing_of(row: Row) -> Standing:
    """From columns `user_id`, `status`, `access_version`, `epoch`, `acr`, `lea_id` and `place_id`, a session's null."""
    lea, place = row["lea_id"], row["place_id"]
    return Standing(
        UserId(row["user_id"]),
        UserStatus(row["status"]),
        row["access_version"],
        row["epoch"],
        row["acr"] or "",
        None if lea is None else OrganizationId(lea),
        None if place is None else OrganizationId(place),
    )


def active_role_of(row: Row) -> ActiveRole | None:
    """From columns `active_program`, `active_role` and `active_year`; None: none was chosen."""
    if row["active_program"] is None:
        return None
    year = row["active_year"]
    return ActiveRole(
        ProgramCode(row["active_program"]), RoleSlug(row["active_role"]), None if year is None else SchoolYear(year)
    )


def active_role_columns(active: ActiveRole | None) -> tuple[str | None, str | None, str | None]:
    """Values of `active_program`, `active_role` and `active_year`."""
    return (None, None, None) if active is None else (active.program, active.role, active.school_year)
