"""Templates of files and the specification of their columns, for download (S0-43)."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy.files.export import csv_line
from policy.files.format import CodeShape, Column, Field, Format
from policy.files.headings import letter
from policy.files.known import FileKnowledge

SPECIFICATION_HEADINGS = (
    "Column", "Heading", "Also read as", "Required", "Maximum length", "Accepted values", "Example", "Remarks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Specified:
    """One column of a format, for a person who fills it in."""

    column: str
    """Its letter in a spreadsheet."""
    heading: str
    aliases: tuple[str, ...]
    required: bool
    max_length: int
    accepted: tuple[str, ...]
    """Accepted values, or one sentence of what is."""
    example: str
    remarks: str

    def cells(self) -> tuple[str, ...]:
        """Under `SPECIFICATION_HEADINGS`."""
        return (
            self.column, self.heading, "; ".join(self.aliases), "yes" if self.required else "no",
            str(self.max_length), "; ".join(self.accepted), self.example, self.remarks,
        )  # fmt: skip


def template_csv(form: Format) -> str:
    """The header and nothing else, with CR LF; written as UTF-8 it is read back as the same format.

    It has no example row: one that stays in the file would become a person.
    """
    return csv_line(column.heading for column in form.columns)


def specification(form: Format, known: FileKnowledge) -> tuple[Specified, ...]:
    """Each column, with the roles that the program has in that year."""
    return tuple(_specified(at, column, known) for at, column in enumerate(form.columns))


def specification_csv(form: Format, known: FileKnowledge) -> str:
    """The specification as a table with headings, with CR LF."""
    lines = (csv_line(one.cells()) for one in specification(form, known))
    return csv_line(SPECIFICATION_HEADINGS) + "".join(lines)


def _specified(at: int, column: Column, known: FileKnowledge) -> Specified:
    return Specified(
        letter(at), column.heading, column.aliases, column.required, column.max_length,
        tuple(_accepted(column, known)), column.example, column.remarks,
    )  # fmt: skip


def _accepted(column: Column, known: FileKnowledge) -> Iterator[str]:
    if column.accepted:
        yield from (word for word, _meaning in column.accepted)
    elif column.field is Field.ROLE:
        yield from dict.fromkeys(role.label for role in known.roles.values())
    elif column.field is Field.EMAIL and known.last_label_limit is not None:
        yield f"an address with at most {known.last_label_limit} characters behind the last dot"
    elif column.shape is CodeShape.CDS:
        yield "14 digits"
    elif column.lengths:
        yield f"{' or '.join(map(str, column.lengths))} characters"
    elif column.field is Field.IGNORED:
        yield "anything: it isn't read"
