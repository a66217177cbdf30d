"""What is wrong with a pack file: each problem names file, key and fault, and all are told at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackProblem:
    """`key` is the path to the faulty value as the file writes it; empty where the whole file is meant."""

    file: str
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.text}" if self.key else f"{self.file}: {self.text}"


class PackError(ValueError):
    """The file is no usable pack; `problems` are in the order of the file, then of the checks."""

    def __init__(self, problems: Iterable[PackProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Problems:
    """Gathers the problems of one file while it is read."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[PackProblem] = []

    def add(self, key: str, text: str) -> None:
        self._found.append(PackProblem(self._file, key, text))

    def raise_any(self) -> None:
        """Raises PackError when there are any; the same problem is told once."""
        if self._found:
            raise PackError(dict.fromkeys(self._found))
