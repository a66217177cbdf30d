"""Files of people as the schema shows them, to whoever sent them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.directives import PUBLIC, access
from schema.rules import SELF
from schema.sizes import listed
from schema.words import UploadState

SEE_UPLOAD = access(SELF)
"""A file is its sender's alone."""


@strawberry.type(directives=[PUBLIC], description="How many rows have this outcome.")
class UploadCount:
    outcome: str | None = strawberry.field(
        description="created, replaced, added, removed, reactivated, unchanged, refused, error or warning."
    )
    rows: int | None


@strawberry.type(directives=[PUBLIC], description="What is wrong with a row.")
class UploadProblem:
    row: int | None = strawberry.field(description="As a spreadsheet counts; null: the whole file.")
    column: str | None
    value: str | None
    code: str | None
    rule: str | None = strawberry.field(description="The rule's number in the domain's documents.")
    message: str | None
    remedy: str | None


@strawberry.type(directives=[SEE_UPLOAD], description="A file of people that somebody sent.")
class Upload:
    id: strawberry.ID
    file_name: str | None
    format: str | None
    program: str | None
    school_year: str | None
    state: UploadState | None
    size: int | None = strawberry.field(description="In bytes.")
    digest: str | None = strawberry.field(description="SHA-256 of the file, hexadecimal.")
    row_count: int | None
    counts: list[UploadCount] | None = listed(10, description="What happens to its rows.")
    problems: list[UploadProblem] | None = listed(100, description="The first of them; the report has all.")
    notes: list[str] | None = strawberry.field(description="Sentences about the file as a whole.")
    version: int | None
    created_at: datetime | None
    validated_at: datetime | None
    finished_at: datetime | None = strawberry.field(description="When it was applied or cancelled.")
    file: str | None = strawberry.field(description="Where the file is to be had again.")
    report: str | None = strawberry.field(description="Where the report is, one line for each row (CSV).")
