"""References to organizations and persons, as the edge has read them."""

from dataclasses import dataclass
from uuid import UUID

from policy.facts import Level


@dataclass(frozen=True, slots=True)
class LevelAndCode:
    level: Level
    code: str


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address, as it was typed."""

    text: str


OrganizationReference = UUID | LevelAndCode
UserReference = UUID | Address


def read_id(text: str | None) -> UUID | None:
    """The id that a text is; None for what can't be one, which nothing has."""
    if not text:
        return None
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
