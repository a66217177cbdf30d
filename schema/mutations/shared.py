"""What mutations share: how a refusal is told, and how a role is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from resolvers.references import read_id
from resolvers.targets import RoleTyped
from schema.directives import PUBLIC
from schema.sizes import listed


def user_errors() -> Any:
    """The payload's list of refusals."""
    return listed(10, description="Nothing is applied unless this is empty.")


@strawberry.type(directives=[PUBLIC], description="What a rule of the domain refuses, for the person who asked.")
class UserError:
    path: list[str]
    code: str
    rule: str | None = strawberry.field(description="The rule's number in the domain's documents.")
    message: str
    remedy: str | None


@strawberry.input(description="A role at an organization in one school year.")
class RoleInput:
    program: str
    role: str
    organization: strawberry.ID
    school_year: str
    last_day: date | None = strawberry.UNSET

    def read(self) -> RoleTyped:
        return RoleTyped(
            ProgramCode(self.program),
            RoleSlug(self.role),
            read_id(self.organization),
            SchoolYear(self.school_year),
            self.last_day or None,
        )
