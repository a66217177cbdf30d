"""Reads `programs/demo/state.toml`: posts, rates and named people of the demo state."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from policy.ids import ProgramCode, RoleSlug, SchoolYear

_FILE = Path(__file__).parent.parent.parent / "programs" / "demo" / "state.toml"


@dataclass(frozen=True, slots=True)
class HeldRole:
    program: ProgramCode
    role: RoleSlug

    @property
    def text(self) -> str:
        return f"{self.program}/{self.role}"


@dataclass(frozen=True, slots=True)
class Post:
    """A job with the roles that it brings; `also` gives further ones with their probability."""

    name: str
    held: tuple[HeldRole, ...]
    also: tuple[tuple[HeldRole, float], ...]
    share: float
    schools: tuple[int, int]
    primary: bool
    ahead: float
    groups: float
    weight: float


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Someone who can sign in. `post`: the post that she holds in place of an invented person."""

    name: str
    email: str
    first: str
    last: str
    post: str | None
    school: int | None
    held: tuple[HeldRole, ...]
    other: tuple[HeldRole, ...]
    """Held at the next school of the same LEA."""
    groups: int
    unsigned: bool
    at_start: bool
    """Printed when the demo starts; the rest by `hallpass demo people`."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of all persons, from 0 to 1."""

    unsigned: float
    invited: float
    inactive: float
    suspended: float
    held_last_year: float
    second_school: float
    second_lea: float
    credential_missing: float
    credential_expired: float


@dataclass(frozen=True, slots=True)
class Mix:
    current: SchoolYear
    past: SchoolYear
    upcoming: Mapping[ProgramCode, SchoolYear]
    state_code: str
    state_name: str
    password: str
    """Of the named people."""
    rates: Rates
    lea_posts: tuple[Post, ...]
    school_posts: tuple[Post, ...]
    people: tuple[NamedPerson, ...]


@cache
def mix() -> Mix:
    """What the file says."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Mix(
        current=SchoolYear(read["current"]),
        past=SchoolYear(read["past"]),
        upcoming={ProgramCode(program): SchoolYear(year) for program, year in read["upcoming"].items()},
        state_code=read["state"]["code"],
        state_name=read["state"]["name"],
        password=read["password"],
        rates=Rates(**read["rates"]),
        lea_posts=tuple(_post(post) for post in read["lea_posts"]),
        school_posts=tuple(_post(post) for post in read["school_posts"]),
        people=tuple(_person(person) for person in read["people"]),
    )


def _post(read: Mapping[str, Any]) -> Post:
    least, most = read.get("schools", (1, 9999))
    return Post(
        name=read["name"],
        held=_roles(read["held"]),
        also=tuple((_role(name), chance) for name, chance in read.get("also", {}).items()),
        share=read.get("share", 0.0),
        schools=(least, most),
        primary=read.get("primary", False),
        ahead=read.get("ahead", 0.0),
        groups=read.get("groups", 0.0),
        weight=read.get("weight", 0.0),
    )


def _person(read: Mapping[str, Any]) -> NamedPerson:
    return NamedPerson(
        name=read["name"],
        email=read["email"],
        first=read["first"],
        last=read["last"],
        post=read.get("post"),
        school=read.get("school"),
        held=_roles(read.get("held", ())),
        other=_roles(read.get("other", ())),
        groups=read.get("groups", 0),
        unsigned=read.get("unsigned", False),
        at_start=read.get("at_start", False),
    )


def _roles(names: Sequence[str]) -> tuple[HeldRole, ...]:
    return tuple(_role(name) for name in names)


def _role(name: str) -> HeldRole:
    program, _, slug = name.partition("/")
    return HeldRole(ProgramCode(program), RoleSlug(slug))
