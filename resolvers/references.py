"""References to organizations and persons, as the edge has read them."""

from dataclasses import dataclass
from uuid import UUID

from policy.facts import Level
from store.compile import ByCode, ByEmail, ById, Reference


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


def named_by(reference: OrganizationReference | UserReference | None) -> Reference:
    """The reference as the store finds its row; None: by an id that nothing has."""
    match reference:
        case LevelAndCode(level, code):
            return ByCode(level, code)
        case Address(text):
            return ByEmail(text)
        case _:
            return ById(reference)


def read_id(text: str | None) -> UUID | None:
    """The id that a text is; None for what can't be one, which nothing has."""
    if not text:
        return None
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
