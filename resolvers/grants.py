"""Grants as fields: what one assignment gives, cut to the caller's systems where it has such."""

from collections.abc import Iterable
from dataclasses import dataclass

from policy.grant import Grant, Withheld
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, System, system_of
from policy.pack import Reach
from policy.reasons import MissingStep


@dataclass(frozen=True, slots=True)
class GrantRow:
    program: ProgramCode
    school_year: SchoolYear | None
    permission: Permission
    reach: Reach
    organization_id: OrganizationId
    assessments: list[str]
    reports: list[str]
    student_groups: list[str]
    role: RoleSlug
    basis: str
    assignment: AssignmentId


@dataclass(frozen=True, slots=True)
class WithheldRow:
    program: ProgramCode
    school_year: SchoolYear | None
    role: RoleSlug
    missing: tuple[MissingStep, ...]
    assignment: AssignmentId


def grant_row(grant: Grant) -> GrantRow:
    return GrantRow(
        program=grant.program,
        school_year=grant.school_year,
        permission=grant.permission,
        reach=grant.reach,
        organization_id=grant.organization.id,
        assessments=sorted(grant.assessments),
        reports=sorted(grant.reports),
        student_groups=sorted(str(group) for group in grant.groups),
        role=grant.role,
        basis=grant.basis,
        assignment=grant.assignment,
    )


def grant_rows(grants: Iterable[Grant], systems: frozenset[System] | None) -> list[GrantRow]:
    """In a fixed order; `systems` None: of every system."""
    rows = [grant_row(one) for one in grants if systems is None or system_of(one.permission) in systems]
    return sorted(
        rows, key=lambda row: (row.program, row.school_year or "", row.role, row.permission, str(row.organization_id))
    )


def withheld_rows(withheld: Iterable[Withheld], systems: frozenset[System] | None) -> list[WithheldRow]:
    return [
        WithheldRow(
            one.assignment.program,
            one.assignment.school_year or None,
            one.assignment.role,
            one.missing,
            one.assignment.id,
        )
        for one in withheld
        if systems is None or any(system_of(grant.permission) in systems for grant in one.grants)
    ]
