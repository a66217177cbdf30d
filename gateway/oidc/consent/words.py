"""Scopes as the consent page and `/account` tell them: which data of the person each one opens."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from store.sign_in import PersonRecord


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """`title` names the data; `why` says what comes with it; `fields` are the person's own values that it shows."""

    title: str
    why: str
    fields: tuple[str, ...] = ()


WORDS: Final[Mapping[str, ScopeWords]] = MappingProxyType(
    {
        "openid": ScopeWords("That it is you", "A number that stands for you and stays the same."),
        "profile": ScopeWords("Your name", "First and last name.", ("name",)),
        "email": ScopeWords("Your e-mail address", "The one of this account.", ("email",)),
        "assessment": ScopeWords("Your role and access", "Under which role you act, where, and what it lets you do."),
        "offline_access": ScopeWords(
            "The same later on", "It may ask again without you, for up to 30 days or until you sign out here."
        ),
        "directory.read": ScopeWords(
            "People and organizations", "It may look up here whom and what you may look up yourself."
        ),
        "sbac": ScopeWords(
            "Your name, address, phone number and roles",
            "As Smarter Balanced systems read them.",
            ("name", "email", "phone"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """One scope for one person: what it opens, and the values that are told."""

    title: str
    why: str
    values: tuple[str, ...] = ()


def told(scopes: Collection[str], person: PersonRecord | None = None) -> list[Told]:
    """In the order of the table; one that has no words is told by its name. Without `person` no values."""
    known = [(name, words) for name, words in WORDS.items() if name in scopes]
    found = [Told(words.title, words.why, _values(words, person)) for _, words in known]
    return found + [Told(name, "What the system names so.") for name in sorted(set(scopes) - set(WORDS))]


def _values(words: ScopeWords, person: PersonRecord | None) -> tuple[str, ...]:
    if person is None:
        return ()
    known = {"name": f"{person.first_name} {person.last_name}".strip(), "email": person.email, "phone": person.phone}
    return tuple(value for field in words.fields if (value := known[field]))
