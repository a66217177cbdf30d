"""A directory file's rows together: each code once, each parent there and of the right level, no cycle."""

from collections.abc import Callable, Iterator, Sequence

from policy.directory_rows import DirectoryRow, RowProblem, Superintendent
from policy.facts import Level


def check_tree(rows: Sequence[DirectoryRow], key_of: Callable[[str], str]) -> tuple[RowProblem, ...]:
    """What is wrong between the rows, in their order. `key_of`: the form in which addresses are compared."""
    problems = [*_duplicates(rows), *_states(rows), *_parents(rows), *_addresses(rows, key_of)]
    return tuple(sorted(problems, key=lambda one: (one.row or 0, one.column)))


def _duplicates(rows: Sequence[DirectoryRow]) -> Iterator[RowProblem]:
    first: dict[tuple[Level, str], int] = {}
    for row in rows:
        earlier = first.setdefault((row.level, row.code), row.row)
        if earlier != row.row:
            message = f"The {_word(row.level)} {row.code} is in row {earlier} already."
            yield RowProblem(row.row, "code", row.code, message, "Keep one of the two rows.")


def _states(rows: Sequence[DirectoryRow]) -> Iterator[RowProblem]:
    states = [row for row in rows if row.level is Level.STATE]
    for row in states:
        if row.parent:
            yield RowProblem(row.row, "parent", row.parent, "Nothing lies above the state.", "Leave the cell empty.")
        if not row.active:
            yield RowProblem(row.row, "active", "no", "The state itself can't be closed.", "Write yes.")
    for row in states[1:]:
        message = f"The state is in row {states[0].row} already."
        yield RowProblem(row.row, "level", "state", message, "Keep one row of level state.")


def _parents(rows: Sequence[DirectoryRow]) -> Iterator[RowProblem]:
    leas = {row.code: row for row in rows if row.level is Level.LEA}
    schools = {row.code: row for row in rows if row.level is Level.SCHOOL}
    states = {row.code for row in rows if row.level is Level.STATE}
    for row in rows:
        if row.level is Level.SCHOOL:
            yield from _of_school(row, leas, schools)
        elif row.level is Level.LEA and row.parent and row.parent not in states:
            yield from _of_lea(row, leas, schools)


def _of_school(
    row: DirectoryRow, leas: dict[str, DirectoryRow], schools: dict[str, DirectoryRow]
) -> Iterator[RowProblem]:
    parent = leas.get(row.parent)
    if parent is None:
        if _turns_back(row, schools):
            message = f"The school's parents lead back to itself: {row.code} lies below {row.parent}."
        elif row.parent in schools:
            message = f"The parent {row.parent} is a school."
        else:
            message = f"The parent {row.parent} isn't in the file."
        yield RowProblem(row.row, "parent", row.parent, message, "Write the code of an LEA that has a row in the file.")
    elif row.active and not parent.active:
        message = f"The school is active, and its LEA {row.parent} (row {parent.row}) isn't."
        yield RowProblem(row.row, "active", "yes", message, "Close the school, or move it to an active LEA.")


def _of_lea(row: DirectoryRow, leas: dict[str, DirectoryRow], schools: dict[str, DirectoryRow]) -> Iterator[RowProblem]:
    if _turns_back(row, leas):
        message = f"The LEA's parents lead back to itself: {row.code} lies below {row.parent}."
    elif row.parent in schools and row.parent not in leas:
        message = f"The LEA lies below the school {row.parent}."
    elif row.parent in leas:
        message = f"The LEA lies below the LEA {row.parent}."
    else:
        message = f"The parent {row.parent} isn't in the file."
    yield RowProblem(row.row, "parent", row.parent, message, "Leave it empty: an LEA lies directly below the state.")


def _turns_back(row: DirectoryRow, known: dict[str, DirectoryRow]) -> bool:
    """Whether following the parents comes back to the row."""
    seen: set[str] = set()
    at = row.parent
    while at and at not in seen:
        if at == row.code:
            return True
        seen.add(at)
        at = known[at].parent if at in known else ""
    return False


def _addresses(rows: Sequence[DirectoryRow], key_of: Callable[[str], str]) -> Iterator[RowProblem]:
    """One address is one person, who may head several LEAs under one name."""
    first: dict[str, tuple[DirectoryRow, Superintendent]] = {}
    for row in rows:
        one = row.superintendent
        if one is None:
            continue
        earlier, named = first.setdefault(key_of(one.email), (row, one))
        if (named.first_name, named.last_name) != (one.first_name, one.last_name):
            message = (
                f"The address {one.email} belongs to {named.first_name} {named.last_name} in row {earlier.row}, "
                f"and to {one.first_name} {one.last_name} here."
            )
            remedy = "Give each person an address of her own, or one person the same name in every row."
            yield RowProblem(row.row, "superintendent_email", one.email, message, remedy)


def _word(level: Level) -> str:
    return "LEA" if level is Level.LEA else level.value
