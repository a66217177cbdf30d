"""How a document names an organization, a person or a role: by id, or by what people know them by."""

import strawberry

from policy.grant import ActiveRole
from policy.ids import ProgramCode, RoleSlug, SchoolYear
from resolvers.references import Address, LevelAndCode, OrganizationReference, UserReference, read_id
from schema.asked import reading
from schema.rules import SEE_DETAILS
from schema.words import Level


@strawberry.input(description="A code within its level: a direct-funded charter's LEA and school share one.")
class OrganizationCode:
    level: Level
    code: str


@strawberry.input(one_of=True, description="An organization by id, or by level and code.")
class OrganizationRef:
    id: strawberry.ID | None = strawberry.UNSET
    code: OrganizationCode | None = strawberry.UNSET

    def read(self) -> OrganizationReference | None:
        """The reference; None for an id that can't be one."""
        return LevelAndCode(self.code.level, self.code.code) if self.code else read_id(self.id)


@strawberry.input(one_of=True, description="A person by id or by e-mail address.")
class UserRef:
    id: strawberry.ID | None = strawberry.UNSET
    email: str | None = reading("User.email", SEE_DETAILS)

    def read(self) -> UserReference | None:
        """The reference; None for an id that can't be one."""
        return Address(self.email) if self.email else read_id(self.id)


@strawberry.input(description="A role in one year, with all organizations where the person holds it.")
class RoleRef:
    program: str
    role: str
    school_year: str | None = strawberry.UNSET

    def read(self) -> ActiveRole:
        year = SchoolYear(self.school_year) if self.school_year else None
        return ActiveRole(ProgramCode(self.program), RoleSlug(self.role), year)
