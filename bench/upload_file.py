"""A TOMS file of so many rows, each another new person, at the schools of a state that `bench.rollover_state` made."""

import itertools
from collections.abc import Iterator

ROLES = {
    "Test Administrator": "test-administrator",
    "Test Examiner": "test-examiner",
    "Educator - Roster": "educator-roster",
    "IA Administrator Only": "ia-administrator-only",
}
_HEADER = "First Name,Last Name,CDS Code,E-mail Address,Telephone Number,Role in Organization"
_SYLLABLES = [first + vowel + last for first in "bdfgklmnrst" for vowel in "aeiou" for last in "nrsl"]
_NAMES = [first.title() + second for first, second in itertools.product(_SYLLABLES, _SYLLABLES[:40])]
SCHOOLS_OF_LEA = 10


def people(rows: int, leas: int) -> Iterator[tuple[str, str, str, str, str, str]]:
    """First and last name, code, address, number, role's label of each row."""
    labels = list(ROLES)
    for number in range(rows):
        school = number % (leas * SCHOOLS_OF_LEA)
        code = f"{school // SCHOOLS_OF_LEA + 1:07d}{school % SCHOOLS_OF_LEA + 1:07d}"
        first, last = _NAMES[number % len(_NAMES)], _NAMES[number * 7 % len(_NAMES)]
        address = f"{first.lower()}.{last.lower()}.{number}@district{school // SCHOOLS_OF_LEA}.example"
        yield first, last, code, address, f"916-555-{number % 10_000:04d}", labels[number % len(labels)]


def pieces(rows: int, leas: int) -> Iterator[bytes]:
    """The file, a thousand lines at a time."""
    yield f"{_HEADER}\r\n".encode()
    lines = (",".join(one) + "\r\n" for one in people(rows, leas))
    while some := "".join(itertools.islice(lines, 1_000)):
        yield some.encode()
