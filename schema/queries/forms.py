"""Who hasn't signed which security form."""

from __future__ import annotations

import strawberry

from policy.access import AccessTarget as Target
from policy.ids import ProgramCode, SchoolYear
from resolvers import unsigned
from resolvers.pages import Listing
from resolvers.references import read_id
from resolvers.unsigned import UnsignedRow, UnsignedWanted
from schema.asked import Info, answered, reading, rule_of_rows
from schema.connections import After, Connection, First
from schema.directives import PUBLIC, access, rule
from schema.mapped import row_of
from schema.rules import USERS_VIEW
from schema.users import User

SEE_UNSIGNED = access(rule(USERS_VIEW, Target.ASSIGNMENT_ORGANIZATION))
"""By the organization and program of the role that asks for the form."""


@strawberry.type(
    directives=[PUBLIC], description="A form that is asked of somebody. It is reached by a guarded list only."
)
class UnsignedForm:
    user: User | None = row_of("user")
    program: str | None
    school_year: str | None
    code: str | None
    label: str | None


@strawberry.input(description="What a list of unsigned forms is narrowed to; all that is given must hold.")
class UnsignedFormFilter:
    organization: strawberry.ID | None = reading(
        "RoleAssignment.organization",
        description="Where the role is held: this organization or, of an LEA, its schools.",
    )
    program: str | None = reading("UnsignedForm.program")
    school_year: str | None = reading("UnsignedForm.schoolYear")
    form: str | None = reading("UnsignedForm.code")

    def read(self) -> UnsignedWanted:
        organization = read_id(self.organization)
        return UnsignedWanted(
            ProgramCode(self.program) if self.program else None,
            SchoolYear(self.school_year) if self.school_year else None,
            self.form or None,
            organization,
            nowhere=bool(self.organization) and organization is None,
        )


async def _unsigned(
    info: Info,
    filter: UnsignedFormFilter | None = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Listing[UnsignedRow]:
    wanted = filter.read() if filter else UnsignedWanted()
    return await unsigned.page(info.context, wanted, rule_of_rows(info), first, after)


@strawberry.type
class FormQueries:
    unsigned_forms: Connection[UnsignedForm] | None = answered(
        _unsigned,
        SEE_UNSIGNED,
        description="Who hasn't signed which form, ordered by name, of the current and the open upcoming year.",
    )
