"""Identifiers that travel between rooms; a `NewType` each, so that no two kinds are mixed up."""

import re
from functools import lru_cache
from typing import Final, NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
OrganizationId = NewType("OrganizationId", UUID)
AssignmentId = NewType("AssignmentId", UUID)
GroupId = NewType("GroupId", UUID)

ProgramCode = NewType("ProgramCode", str)
"""`caaspp`, `elpac`, `isat`, `state`."""

RoleSlug = NewType("RoleSlug", str)
"""A role's own name inside its program: `site-coordinator`."""

SchoolYear = NewType("SchoolYear", str)
"""`2026-27`; sorts as text in the order of time."""

Permission = NewType("Permission", str)
"""`<system>:<feature>:<action>`."""

System = NewType("System", str)
"""A downstream system, or `hallpass` itself."""


_YEAR: Final = re.compile(r"([0-9]{4})-([0-9]{2})")


@lru_cache(maxsize=1024)
def is_earlier(one: SchoolYear, other: SchoolYear) -> bool:
    """Whether a school year is before another; a text that is none, such as `2026`, is before nothing."""
    found = _YEAR.fullmatch(one)
    return found is not None and (int(found[1]) + 1) % 100 == int(found[2]) and one < other


@lru_cache(maxsize=1024)
def system_of(permission: Permission) -> System:
    """The system that a permission belongs to: its first part."""
    return System(permission.partition(":")[0])
