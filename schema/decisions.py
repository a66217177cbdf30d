"""Questions of access and their answers: the same question as AuthZEN's."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode, SchoolYear
from resolvers.decisions import CheckAsked, StudentAsked
from resolvers.references import read_id
from schema.assignments import Grant, MissingStep
from schema.directives import PUBLIC
from schema.references import OrganizationRef, RoleRef
from schema.sizes import listed
from schema.words import AccessVersion, Permission, Reason


@strawberry.input(
    description="A student, by a number that is never stored or logged, and the school that the asker vouches for."
)
class StudentRef:
    id: strawberry.ID
    organization: OrganizationRef | None = strawberry.UNSET


@strawberry.input(
    description="May this person do this there? What is left out narrows nothing; without `subject`, the caller."
)
class Check:
    permission: Permission
    subject: strawberry.ID | None = strawberry.UNSET
    acting_as: RoleRef | None = strawberry.UNSET
    program: str | None = strawberry.UNSET
    school_year: str | None = strawberry.UNSET
    assessment: str | None = strawberry.UNSET
    organization: OrganizationRef | None = strawberry.UNSET
    student_group: strawberry.ID | None = strawberry.UNSET
    student: StudentRef | None = strawberry.UNSET
    target_user: strawberry.ID | None = strawberry.UNSET

    def read(self) -> CheckAsked:
        return CheckAsked(
            permission=self.permission,
            subject=read_id(self.subject),
            about_caller=not self.subject,
            acting_as=self.acting_as.read() if self.acting_as else None,
            program=ProgramCode(self.program) if self.program else None,
            school_year=SchoolYear(self.school_year) if self.school_year else None,
            assessment=self.assessment or None,
            organization=self.organization.read() if self.organization else None,
            student_group=read_id(self.student_group),
            student=self._student(),
            target_user=read_id(self.target_user),
            targets=self._targets(),
        )

    def _student(self) -> StudentAsked | None:
        if not self.student:
            return None
        place = self.student.organization
        return StudentAsked(self.student.id, place.read() if place else None, by_organization=bool(place))

    def _targets(self) -> tuple[str, ...]:
        names = {
            "organization": self.organization,
            "studentGroup": self.student_group,
            "student": self.student,
            "targetUser": self.target_user,
        }
        return tuple(name for name, given in names.items() if given)


@strawberry.type(directives=[PUBLIC], description="Allow or Deny, and why.")
class Decision:
    id: strawberry.ID
    allowed: bool | None
    reason: Reason | None
    explanation: str | None = strawberry.field(description="In words; systems get the reason code alone.")
    grant: Grant | None = strawberry.field(description="The grant that decided.")
    missing: list[MissingStep] | None = listed(5, description="What is to be done before it would be allowed.")
    access_version: AccessVersion | None
