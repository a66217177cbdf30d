"""What a set changes of the suggestions that are known: compared in memory, so that each is looked up once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from policy.ids import OrganizationId
from policy.suggestions import SuggestionState
from store.suggestion_sets import KnownSuggestion, NewSuggestion


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many suggestions are new, opened again, brought up to date, as they were, needless because the person holds a
    role of the program there, and superseded.
    """

    made: int
    reopened: int
    changed: int
    unchanged: int
    held: int
    superseded: int


@dataclass(slots=True)
class Changes:
    """`renewed`: stored ones with what the set says; `seen`: those that are as they were, but for the day."""

    made: list[NewSuggestion] = field(default_factory=list[NewSuggestion])
    renewed: list[tuple[UUID, NewSuggestion]] = field(default_factory=list[tuple[UUID, NewSuggestion]])
    superseded: list[UUID] = field(default_factory=list[UUID])
    seen: list[UUID] = field(default_factory=list[UUID])
    reopened: int = 0
    unchanged: int = 0
    held: int = 0

    @property
    def any(self) -> bool:
        return bool(self.made or self.renewed or self.superseded)

    @property
    def counts(self) -> TakenIn:
        changed = len(self.renewed) - self.reopened
        return TakenIn(
            len(self.made), self.reopened, changed, self.unchanged, self.held, len(self.superseded)
        )  # fmt: skip


def compared(
    sent: Iterable[NewSuggestion],
    known: Sequence[KnownSuggestion],
    held: frozenset[tuple[OrganizationId, str]],
    today: date,
) -> Changes:
    """What was accepted or dismissed stays so; what is open and isn't in the set is superseded.

    `held`: organization and address of whoever holds a role of the program there, who is suggested none.
    """
    found = Changes()
    stored = {(one.organization, one.person_key, one.role): one for one in known}
    contained: set[UUID] = set()
    for one in sent:
        if (one.organization, one.email_key) in held:
            found.held += 1
            continue
        was = stored.get((one.organization, one.person_key, one.role))
        if was is None:
            found.made.append(one)
            continue
        contained.add(was.id)
        _compare(one, was, today, found)
    found.superseded = [
        one.id for one in known if one.state is SuggestionState.OPEN and one.id not in contained
    ]  # fmt: skip
    return found


def _compare(one: NewSuggestion, was: KnownSuggestion, today: date, found: Changes) -> None:
    if was.state is SuggestionState.SUPERSEDED:
        found.renewed.append((was.id, one))
        found.reopened += 1
    elif was.state is SuggestionState.OPEN and _differs(one, was):
        found.renewed.append((was.id, one))
    else:
        found.unchanged += 1
        if was.seen_on != today:
            found.seen.append(was.id)


def _differs(one: NewSuggestion, was: KnownSuggestion) -> bool:
    said = (one.source_role, one.email, one.first_name, one.last_name, one.phone)
    return said != (was.source_role, was.email, was.first_name, was.last_name, was.phone)
