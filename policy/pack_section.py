"""A table of a TOML file, read strictly: each value is taken with its type, and what nobody takes is unknown."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar, cast

from policy.pack_problems import Problems

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+(\[\d+\])?")
Choice = TypeVar("Choice", bound=StrEnum)


class Section:
    """Values by key, with the path under which problems name them. A wrong value counts as left out."""

    def __init__(self, values: Mapping[str, object], path: str, problems: Problems) -> None:
        self._values = values
        self._taken: set[str] = set()
        self.path = path
        self.problems = problems

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def key(self, name: str) -> str:
        """The path of a value of this table."""
        step = name if _BARE.fullmatch(name) else f'"{name}"'
        return f"{self.path}.{step}" if self.path else step

    def wrong(self, name: str, text: str) -> None:
        self.problems.add(self.key(name), text)

    def text(self, name: str, *, required: bool = True) -> str:
        value = self._take(name, "a text", required=required)
        if isinstance(value, str) and (value.strip() or not required):
            return value
        if value is not None:
            self.wrong(name, "is empty." if isinstance(value, str) else _not(value, "a text"))
        return ""

    def optional_text(self, name: str) -> str | None:
        self._taken.add(name)
        return self.text(name) if name in self else None

    def number(self, name: str, *, required: bool = True) -> int | None:
        value = self._take(name, "a whole number", required=required)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        if value is not None:
            self.wrong(name, _not(value, "a whole number above 0"))
        return None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._take(name, "true or false", required=False)
        if value is not None and not isinstance(value, bool):
            self.wrong(name, _not(value, "true or false"))
        return value if isinstance(value, bool) else default

    def choice(self, name: str, choices: type[Choice], *, required: bool = True) -> Choice | None:
        value = self.text(name, required=required)
        return self._chosen(name, value, choices) if value else None

    def choices(self, name: str, choices: type[Choice]) -> frozenset[Choice]:
        chosen = (self._chosen(name, value, choices) for value in self.texts(name, required=True))
        return frozenset(one for one in chosen if one is not None)

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts without repetitions; empty where it is left out."""
        items = self.items(name, required=required)
        found = [item for item in items if isinstance(item, str) and item]
        if len(found) < len(items):
            self.wrong(name, "must hold texts only.")
        for item in sorted({item for item in found if found.count(item) > 1}):
            self.wrong(name, f"names {item} twice.")
        return tuple(dict.fromkeys(found))

    def items(self, name: str, *, required: bool = False) -> list[object]:
        value = self._take(name, "a list", required=required)
        if isinstance(value, list):
            return cast(list[object], value)
        if value is not None:
            self.wrong(name, _not(value, "a list"))
        return []

    def section(self, name: str, *, required: bool = True) -> "Section":
        value = self._take(name, "a table", required=required)
        return self.under(name, value if value is not None else {})

    def under(self, name: str, value: object) -> "Section":
        """A value that must be a table, as the section of that name."""
        if not isinstance(value, dict):
            self.wrong(name, _not(value, "a table"))
            value = {}
        return Section(cast(dict[str, object], value), self.key(name), self.problems)

    def sections(self, name: str) -> Iterator["Section"]:
        """A list of tables; each is known by its `name`, else by its place from 1."""
        for place, item in enumerate(self.items(name), start=1):
            if not isinstance(item, dict):
                self.problems.add(f"{self.key(name)}[{place}]", _not(item, "a table"))
                continue
            values = cast(dict[str, object], item)
            known = values.get("name")
            mark = f'"{known}"' if isinstance(known, str) else str(place)
            yield Section(values, f"{self.key(name)}[{mark}]", self.problems)

    def named_sections(self) -> Iterator[tuple[str, "Section"]]:
        """Every table that nobody has taken yet, by its key, which must be a slug."""
        for name in [name for name in self._values if name not in self._taken]:
            self._taken.add(name)
            if not SLUG.fullmatch(name):
                self.wrong(name, "is no name: write small letters, digits and hyphens.")
            yield name, self.under(name, self._values[name])

    def names(self) -> tuple[str, ...]:
        """Its keys in the order of the file."""
        return tuple(self._values)

    def value(self, name: str) -> object:
        """A value as it stands, for what may be written in several ways."""
        self._taken.add(name)
        return self._values.get(name)

    def done(self) -> None:
        """Every key that nobody took is unknown."""
        for name in self._values:
            if name not in self._taken:
                near = get_close_matches(name, self._taken, 1)
                self.wrong(name, f"is unknown here; did you mean {near[0]}?" if near else "is unknown here.")

    def _take(self, name: str, what: str, *, required: bool) -> object:
        self._taken.add(name)
        if required and name not in self._values:
            self.wrong(name, f"is missing: write {what}.")
        return self._values.get(name)

    def _chosen(self, name: str, value: str, choices: type[Choice]) -> Choice | None:
        if value in set(choices):
            return choices(value)
        self.wrong(name, f"“{value}” is unknown; write one of {', '.join(choices)}.")
        return None


def parse(text: str, problems: Problems) -> Section:
    """The whole file as a section. Raises PackError when it isn't TOML at all."""
    values: dict[str, object] = {}
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.add("", f"is not valid TOML: {error}.")
        problems.raise_any()
    return Section(values, "", problems)


def _not(value: object, wanted: str) -> str:
    kind = next((words for known, words in _KINDS if isinstance(value, known)), "a date or time")
    return f"must be {wanted}, not {kind}."


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a table"),
)
