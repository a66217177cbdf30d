"""Filters and orders of lists: each names the field that it reads, and needs that field's rules."""

import strawberry

from policy.ids import ProgramCode, RoleSlug
from resolvers.references import read_id
from resolvers.wanted import OrganizationsWanted, UsersWanted
from schema.asked import reading
from schema.references import OrganizationRef
from schema.rules import SEE_DETAILS
from schema.words import Level, SortDirection, UserStatus


@strawberry.input(description="What a list of people is narrowed to; all that is given must hold.")
class UserFilter:
    name: str | None = reading("User.lastName", description="How `last first` begins; accents and case don't matter.")
    name_part: str | None = reading(
        "User.lastName", description="How the first or last name begins, or a part of either; in any order."
    )
    contains: str | None = reading(
        "User.email",
        SEE_DETAILS,
        description="Words that each stand somewhere in name or address; one has at least 3 characters.",
    )
    email: str | None = reading("User.email", SEE_DETAILS, description="How the address begins.")
    status: UserStatus | None = reading("User.status", SEE_DETAILS)
    organization: OrganizationRef | None = reading("RoleAssignment.organization", description="Where a role is held.")
    program: str | None = reading("RoleAssignment.program")
    role: str | None = reading("RoleAssignment.role", description="With `program`: of one and the same assignment.")

    def read(self) -> UsersWanted:
        return UsersWanted(
            name=self.name or None,
            name_part=self.name_part or None,
            contains=self.contains or None,
            email=self.email or None,
            status=self.status or None,
            organization=self.organization.read() if self.organization else None,
            by_organization=bool(self.organization),
            program=ProgramCode(self.program) if self.program else None,
            role=RoleSlug(self.role) if self.role else None,
        )


@strawberry.input(description="The order of a list of people.")
class UserOrder:
    name: SortDirection | None = reading("User.lastName")


@strawberry.input(description="What a list of organizations is narrowed to; all that is given must hold.")
class OrganizationFilter:
    name: str | None = reading("Organization.name", description="How the name begins; accents and case don't matter.")
    code: str | None = reading("Organization.code")
    level: Level | None = reading("Organization.level")
    parent: strawberry.ID | None = reading("Organization.parent")
    active: bool | None = reading("Organization.active")

    def read(self) -> OrganizationsWanted:
        return OrganizationsWanted(
            name=self.name or None,
            code=self.code or None,
            level=self.level or None,
            parent=read_id(self.parent),
            by_parent=bool(self.parent),
            active=self.active if isinstance(self.active, bool) else None,
        )
