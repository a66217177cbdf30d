"""What is wrong with one cell, before it is known where the cell stands."""

from typing import NamedTuple

from policy.files.rows import RowProblem, Severity


class Fault(NamedTuple):
    code: str
    rule: str
    message: str
    remedy: str
    severity: Severity = Severity.ERROR
    suggestion: str = ""
    other_row: int | None = None


class Checked(NamedTuple):
    """A cell as it is to be taken, with what is wrong with it; warnings alone leave it good."""

    value: str
    faults: tuple[Fault, ...] = ()

    @property
    def good(self) -> bool:
        return not any(fault.severity is Severity.ERROR for fault in self.faults)


_LONGEST_SHOWN = 60


def problem(fault: Fault, row: int, column: str, value: str) -> RowProblem:
    """The fault at its place; a long value is cut."""
    shown = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
    return RowProblem(
        row, column, shown, fault.code, fault.rule, fault.message, fault.remedy, fault.severity,
        fault.other_row, fault.suggestion,
    )  # fmt: skip


def warning(code: str, rule: str, message: str, remedy: str, suggestion: str = "") -> Fault:
    return Fault(code, rule, message, remedy, Severity.WARNING, suggestion)
