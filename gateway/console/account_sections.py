"""What a section of `/account` is: a title, what it shows of the person, and the template that shows it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from gateway.console.answers import Answer
from policy.ids import UserId


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed in one of the page's forms and refused, and why; None: nothing was."""

    email: str = ""
    error_of_email: str = ""
    phone: str | None = None
    fax: str | None = None
    error_of_numbers: str = ""


NOTHING: Final = Typed()


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose account page is put together. `viewer`: what `operations/Account.graphql` answered of her."""

    viewer: Answer
    user: UserId
    typed: Typed = NOTHING


Load = Callable[[Request, Visit], Awaitable[Mapping[str, object] | None]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page.

    `name` is its anchor; `template` finds in `section` what `load` answered. None: it has nothing for this person.
    """

    name: str
    title: str
    template: str
    load: Load


@dataclass(frozen=True, slots=True)
class Shown:
    """A section with what it shows."""

    name: str
    title: str
    template: str
    data: Mapping[str, object]


async def loaded(sections: tuple[Section, ...], request: Request, visit: Visit) -> list[Shown]:
    """Those that have something to show, in order."""
    shown: list[Shown] = []
    for one in sections:
        data = await one.load(request, visit)
        if data is not None:
            shown.append(Shown(one.name, one.title, one.template, data))
    return shown
