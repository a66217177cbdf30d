"""Source text of a projection: functions put together from parts of ours, compiled once, run for every answer."""

from collections.abc import Callable
from typing import Any


class NotMappedError(Exception):
    """The operation, or a part of it, can't be answered by a statement: the other executor runs it."""


class Code:
    """Collects functions and the values that they refer to.

    What a caller wrote never becomes code: response keys are GraphQL names and go in as literals, all else by name.
    """

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._values: dict[str, Any] = {}
        self._functions: list[str] = []
        self._memos = 0

    def refer(self, value: Any) -> str:
        """The name by which the functions know a value."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"v{len(self._names)}"
            self._values[name] = value
        return name

    def function(self, parameters: str, *lines: str) -> str:
        """Adds a function of these lines; its name. Where it has `run`, it has the memories at hand as `m`."""
        name = f"f{len(self._functions)}"
        at_hand = ("m = run.memos",) if "run" in parameters.split(", ") else ()
        body = "".join(f"    {line}\n" for line in (*at_hand, *lines))
        self._functions.append(f"def {name}({parameters}):\n{body}")
        return name

    def memo(self) -> str:
        """The code by which a function with `run` reaches a memory of its own, which lasts longer than one answer."""
        self._memos += 1
        return f"m[{self._memos}]"

    def compiled(self, name: str) -> Callable[..., Any]:
        """The function of that name, with all that it calls."""
        space = dict(self._values)
        exec(compile("\n".join(self._functions), "<projection>", "exec"), space)  # noqa: S102 - text of this file's callers
        found: Callable[..., Any] = space[name]
        return found


def literal(text: str) -> str:
    """A response key or type name as a literal."""
    if not text.isidentifier() or not text.isascii():
        raise NotMappedError(text)  # no GraphQL name is so
    return repr(text)


def mapping(parts: list[tuple[str, str]]) -> str:
    """A dict display of response keys and expressions."""
    return "{" + ", ".join(f"{literal(key)}: {expression}" for key, expression in parts) + "}"
