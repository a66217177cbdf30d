"""Questions of access and their answers: the same question as AuthZEN's."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode, RoleSlug, SchoolYear, System
from resolvers.decisions import CheckAsked, StudentAsked
from resolvers.questions import ResponseAsked, RoleAsked, SessionAsked
from resolvers.references import read_id
from resolvers.refusals import bad_input
from schema.assignments import Grant, MissingStep
from schema.directives import PUBLIC
from schema.references import OrganizationRef, RoleRef
from schema.sizes import listed
from schema.words import AccessVersion, Permission, Reason, RoleChange


def _no_empty(**texts: str | None) -> None:
    """Refuses empty texts: an empty subject isn't the caller, and an empty program isn't every program."""
    for name, text in texts.items():
        if text == "":
            raise bad_input(f"{name} is empty: give a text, or leave it out.")


@strawberry.input(
    description="A student, by a number that is never stored or logged, and the school that the asker vouches for."
)
class StudentRef:
    id: strawberry.ID
    organization: OrganizationRef | None = strawberry.UNSET


@strawberry.input(description="A test session: where its students are, how many, and what kind it is (S1-20, S1-21).")
class TestSessionRef:
    organizations: list[OrganizationRef]
    students: int
    grade_band: str | None = strawberry.UNSET
    domain: str | None = strawberry.UNSET

    def read(self) -> SessionAsked:
        if self.students < 1 or not self.organizations:
            raise bad_input("A test session has at least one student at one organization.")
        places = tuple(one.read() for one in self.organizations)
        return SessionAsked(places, self.students, self.grade_band or None, self.domain or None)


@strawberry.input(description="A response to be scored. That it is assigned to somebody, its system alone can say.")
class ResponseRef:
    organization: OrganizationRef
    assigned_to: strawberry.ID | None = strawberry.UNSET

    def read(self) -> ResponseAsked:
        return ResponseAsked(self.organization.read(), read_id(self.assigned_to))


@strawberry.input(
    description="A change of somebody's roles: with `id` the role that is held; to assign one, what it is, and to whom."
)
class RoleChangeRef:
    change: RoleChange
    id: strawberry.ID | None = strawberry.UNSET
    user: strawberry.ID | None = strawberry.UNSET
    program: str | None = strawberry.UNSET
    role: str | None = strawberry.UNSET
    organization: OrganizationRef | None = strawberry.UNSET
    school_year: str | None = strawberry.UNSET

    def read(self) -> RoleAsked:
        _no_empty(id=self.id, user=self.user, schoolYear=self.school_year)
        assigned = self.change is RoleChange.ASSIGN
        named = (self.program, self.role, self.organization)
        whole = all(named) if assigned else not any((*named, self.user))
        if assigned == bool(self.id) or not whole:
            raise bad_input("To assign a role, give program, role and organization; to remove or designate, its id.")
        return RoleAsked(
            self.change,
            held=read_id(self.id),
            user=read_id(self.user),
            for_somebody=bool(self.user),
            program=ProgramCode(self.program) if self.program else None,
            role=RoleSlug(self.role) if self.role else None,
            organization=self.organization.read() if self.organization else None,
            school_year=SchoolYear(self.school_year) if self.school_year else None,
        )


@strawberry.input(
    description="May this person do this there? What is left out narrows nothing; without `subject`, the caller."
)
class Check:
    permission: Permission | None = strawberry.field(
        default=strawberry.UNSET, description="Left out only where `system` is asked about: whether she may open it."
    )
    subject: strawberry.ID | None = strawberry.UNSET
    acting_as: RoleRef | None = strawberry.UNSET
    program: str | None = strawberry.UNSET
    school_year: str | None = strawberry.UNSET
    assessment: str | None = strawberry.UNSET
    organization: OrganizationRef | None = strawberry.UNSET
    student_group: strawberry.ID | None = strawberry.UNSET
    student: StudentRef | None = strawberry.UNSET
    target_user: strawberry.ID | None = strawberry.UNSET
    test_session: TestSessionRef | None = strawberry.UNSET
    response: ResponseRef | None = strawberry.UNSET
    role_assignment: RoleChangeRef | None = strawberry.UNSET
    system: str | None = strawberry.UNSET
    report: str | None = strawberry.UNSET

    def read(self) -> CheckAsked:
        _no_empty(
            subject=self.subject, permission=self.permission, program=self.program, schoolYear=self.school_year,
            assessment=self.assessment, report=self.report, studentGroup=self.student_group,
            targetUser=self.target_user, system=self.system,
        )  # fmt: skip
        return CheckAsked(
            permission=self.permission or None,
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
            report=self.report or None,
            session=self.test_session.read() if self.test_session else None,
            response=self.response.read() if self.response else None,
            role=self.role_assignment.read() if self.role_assignment else None,
            system=System(self.system) if self.system else None,
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
            "testSession": self.test_session,
            "response": self.response,
            "roleAssignment": self.role_assignment,
            "system": self.system,
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
    asserted: bool | None = strawberry.field(
        description="Whether it rests on the asker's own word, for a student's school or whom a system holds."
    )
