"""Which waiting events may be told beside each other: those of different people, never one before another."""

from collections.abc import Iterable
from typing import Protocol, TypeVar
from uuid import UUID


class Ordered(Protocol):
    @property
    def user(self) -> UUID | None: ...


Event = TypeVar("Event", bound=Ordered)
Lane = tuple[Event, ...]


def sections(events: Iterable[Event]) -> list[list[Lane[Event]]]:
    """The events in sections, one told after the other; in each, lanes that may be told at once.

    A lane holds one person's events in their order. What concerns everybody is a section of its own: everything before
    it has been told by then, and nothing behind it has.
    """
    found: list[list[Lane[Event]]] = []
    people: dict[UUID, list[Event]] = {}
    for event in events:
        if event.user is not None:
            people.setdefault(event.user, []).append(event)
            continue
        if people:
            found.append([tuple(lane) for lane in people.values()])
            people = {}
        found.append([(event,)])
    if people:
        found.append([tuple(lane) for lane in people.values()])
    return found
