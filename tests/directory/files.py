"""Directory files for tests: a small tree written as CSV, with rows replaced or left out."""

from collections.abc import Iterable

from policy.directory_rows import COLUMNS

HEADER = ",".join(COLUMNS)
LEA, OTHER_LEA, CHARTER = "01611190000000", "19647330000000", "19647330100743"
SCHOOL, SECOND, THIRD = "01611190130229", "01611196002000", "19647331930000"
STATE_ROW = "CA,California,state,,,,,,yes"
ROWS = {
    "state": STATE_ROW,
    LEA: f"{LEA},Alameda Unified,lea,,,Ana,Ávila,ana@alameda.org,yes",
    OTHER_LEA: f"{OTHER_LEA},Los Angeles Unified,lea,,,Bo,Bell,bo@lausd.org,yes",
    "charter": f"{CHARTER},Accelerated,lea,,direct,Chi,Cole,chi@accelerated.org,yes",
    SCHOOL: f"{SCHOOL},Alameda Science,school,{LEA},,,,,yes",
    SECOND: f"{SECOND},Bay Farm,school,{LEA},local,,,,yes",
    THIRD: f"{THIRD},Belmont High,school,{OTHER_LEA},,,,,yes",
    "charter school": f"{CHARTER},Accelerated,school,{CHARTER},direct,,,,yes",
}


def text(rows: Iterable[str]) -> str:
    return "\r\n".join((HEADER, *rows)) + "\r\n"


def csv(**replaced: str) -> bytes:
    """The small tree; `replaced` rows by key (digits written as `r01…`), empty for one left out."""
    given = {key.removeprefix("r").replace("_", " "): row for key, row in replaced.items()}
    return text(row for key, old in ROWS.items() if (row := given.get(key, old))).encode()


def one_row(row: str) -> bytes:
    """A file of the state's row and this one, which is row 3."""
    return text((STATE_ROW, row)).encode()
