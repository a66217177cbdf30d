"""When a school year may be opened and closed, as pure rules over what is known of a program's years."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policy.delegation import Refusal
from policy.directory import DIRECTORY
from policy.ids import ProgramCode, RoleSlug, SchoolYear, is_earlier
from policy.packs import Packs

_FOLLOWING: Final = 100


class YearStatus(StrEnum):
    UPCOMING = "upcoming"
    CURRENT = "current"
    CLOSED = "closed"


class ClosingPhase(StrEnum):
    """What is being done after a year was closed."""

    ASSIGNMENTS = "assignments"
    LEFTOVERS = "leftovers"
    ACCOUNTS = "accounts"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class KnownYears:
    """A program's current and upcoming year, and the last one that was closed."""

    current: SchoolYear | None
    upcoming: SchoolYear | None
    last_closed: SchoolYear | None = None


def year_after(year: SchoolYear) -> SchoolYear:
    """`2027-28` of `2026-27`; `2099-00` follows `2098-99`."""
    begins = int(year[:4]) + 1
    return SchoolYear(f"{begins:04d}-{(begins + 1) % _FOLLOWING:02d}")


def is_school_year(text: str) -> bool:
    """Whether the text is a school year as it is written here: `2026-27`."""
    return is_earlier(SchoolYear(text), SchoolYear("9999-00"))


def confirmation_of(program: ProgramCode, year: SchoolYear) -> str:
    """What has to be typed before that year is closed."""
    return f"close {program} {year}"


def may_open(program: ProgramCode, year: SchoolYear, known: KnownYears, packs: Packs) -> Refusal | None:
    """Why the year may not be opened: it follows the current one, or is a program's first, and a pack covers it."""
    if not is_school_year(year):
        return _year_refused("NO_YEAR", f"“{year[:20]}” is no school year.", "Write it as 2026-27.")
    pack = packs.at(program, year)
    if pack is None or pack.from_year is None:
        return Refusal(
            "program", "NO_PACK", "", f"No program pack of {program} covers {year}.",
            "Load a pack for this year with `hallpass programs load`, or correct the program.",
        )  # fmt: skip
    if known.upcoming is not None:
        return _year_refused(
            "YEAR_OPEN_ALREADY", f"{known.upcoming} is open as the upcoming year already.",
            "Close the current year first: the upcoming one takes its place.",
        )  # fmt: skip
    before = known.current or known.last_closed
    if before is not None and year != year_after(before):
        return _year_refused(
            "NOT_THE_NEXT", f"The year after {before} is {year_after(before)}.", f"Open {year_after(before)}."
        )
    return None


def may_close(program: ProgramCode, year: SchoolYear, known: KnownYears) -> Refusal | None:
    """Why the year may not be closed: it must be the current one, and the next one must be open to take its place."""
    if known.current != year:
        current = f"{program}'s current year is {known.current}" if known.current else f"{program} has no current year"
        return _year_refused("NOT_CURRENT", f"{current}: only a current year can be closed.", "Name the current year.")
    if known.upcoming is None:
        return _year_refused(
            "NO_UPCOMING_YEAR", f"No year is open that could follow {year}: nobody would have access.",
            f"Open {year_after(year)} first, and let coordinators be designated for it.",
        )  # fmt: skip
    return None


def carried_roles(program: ProgramCode, year: SchoolYear, packs: Packs) -> tuple[RoleSlug, ...]:
    """The roles that the directory gives in that year: they go on into the next one by themselves."""
    pack = packs.at(program, year)
    return tuple(sorted(slug for slug, role in pack.roles.items() if role.derived == DIRECTORY)) if pack else ()


def _year_refused(code: str, message: str, remedy: str) -> Refusal:
    return Refusal("schoolYear", code, "", message, remedy)
