"""What the reader of a file must be told: role names of the program and year, and whom to ask about odd cells."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from policy.facts import Level
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from policy.pack import AccountPolicy, Pack
from policy.role_names import role_key


class Judged(NamedTuple):
    """What someone who knows more makes of an odd cell: the value to take, or why it can't be taken."""

    value: str
    problem: str = ""
    """One sentence; empty: the value is good."""


@dataclass(frozen=True, slots=True)
class NamedRole:
    """A role that a file may name."""

    slug: RoleSlug
    label: str
    levels: frozenset[Level]


@dataclass(frozen=True, slots=True)
class FileKnowledge:
    """For one file of one program and year. Functions answer from memory: they are asked inside the loop over rows."""

    program: ProgramCode
    school_year: SchoolYear
    roles: Mapping[str, NamedRole]
    """By `role_key` of every label, alias and slug."""
    earlier_roles: Mapping[str, str]
    """Names that only earlier years knew, by `role_key`, with the year in which they ended; for the remedy."""
    single_level: bool = False
    """Whether an account holds one role only, wherever (S0-07): then two roles of one address are an error anywhere."""
    last_label_limit: int | None = None
    """Most characters behind an address's last dot (S0-27)."""
    code_in_reach: Callable[[str], bool] = lambda _code: False
    """Whether the actor reaches an organization with this code: only then a remedy shows it."""
    judge_email: Callable[[str], Judged] | None = None
    """Asked about addresses that aren't plain letters, digits and points; None: those are refused."""
    judge_phone: Callable[[str], Judged] | None = None
    """Asked about numbers that aren't plainly North American; None: those are refused."""
    contains: Callable[[RoleSlug, RoleSlug], bool] | None = None
    """Whether the first role gives all that the second does (S0-12); None: nobody knows."""
    student_key: Callable[[str], bytes] | None = None
    """Makes the keyed hash of a student's number; needed for files with students."""
    find_repeats: bool = True
    """Whether rows are compared with earlier rows of the file; costs up to 300 bytes a row, 100 beyond 131,072 rows."""


def file_knowledge(pack: Pack, school_year: SchoolYear, earlier: Iterable[Pack] = ()) -> FileKnowledge:
    """What a program's pack says; set the functions with `dataclasses.replace`. `earlier`: packs of past years."""
    named = _names(pack)
    past = {key: old.last_year for old in earlier if old.last_year for key in _names(old) if key not in named}
    return FileKnowledge(
        program=pack.program,
        school_year=school_year,
        roles=MappingProxyType(named),
        earlier_roles=MappingProxyType(dict[str, str](past)),
        single_level=pack.account_policy is AccountPolicy.SINGLE_LEVEL,
        last_label_limit=pack.last_label_limit,
    )


def _names(pack: Pack) -> dict[str, NamedRole]:
    return {
        role_key(name): NamedRole(role.slug, role.label, role.levels)
        for role in pack.roles.values()
        for name in (role.slug, role.label, *role.aliases)
    }
