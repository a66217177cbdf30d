"""Results as this system holds them: invented, the same for the same school, and of nobody who exists."""

from dataclasses import dataclass
from random import Random

from examples.reporting.claims import Permit

_FIRST = ("Ada", "Ben", "Cleo", "Dov", "Eva", "Finn", "Gia", "Hugo", "Ines", "Jo", "Kit", "Lea", "Milo", "Nora", "Otis")
_LAST = ("A.", "B.", "C.", "D.", "F.", "G.", "H.", "K.", "L.", "M.", "N.", "P.", "R.", "S.", "T.", "V.", "W.")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of assessment: students tested, and how many of them met the standard."""

    kind: str
    tested: int
    met: int

    @property
    def share(self) -> int:
        """Percent."""
        return round(100 * self.met / self.tested)


@dataclass(frozen=True, slots=True)
class StudentResult:
    student: str
    scores: tuple[int, ...]
    """One per kind of assessment."""


def figures(permit: Permit, place: str) -> tuple[Figures, ...]:
    """Of the permit's program, year and kinds of assessment, and of no other; a student group is a class."""
    made: list[Figures] = []
    least, most = (14, 31) if permit.reach == "roster" else (60, 420)
    for kind in permit.assessments:
        random = _random(permit, kind, place)
        tested = random.randint(least, most)
        made.append(Figures(kind, tested, round(tested * random.uniform(0.28, 0.81))))
    return tuple(made)


def students(permit: Permit, place: str) -> tuple[StudentResult, ...]:
    """Student by student, for a school's or a group's page."""
    random = _random(permit, "students", place)
    names = sorted({f"{random.choice(_FIRST)} {random.choice(_LAST)}" for _ in range(random.randint(14, 24))})
    return tuple(StudentResult(name, tuple(random.randint(2280, 2760) for _ in permit.assessments)) for name in names)


def _random(permit: Permit, what: str, place: str) -> Random:
    return Random(f"{permit.program}/{permit.school_year}/{what}/{place}")  # noqa: S311
