"""Programs as their packs have them: roles, matrix, systems and school years. Nothing here is about a person."""

from __future__ import annotations

from datetime import date

import strawberry

from resolvers import programs
from resolvers.programs import CellGrantRow, CellRow, OverrideRow, ProgramRow, RoleRow, SchoolYearRow, SystemRow
from schema.asked import Info, answered
from schema.directives import PUBLIC
from schema.words import AccountPolicy, Level, Permission, Reach, RosterHolder


def _cell_grants(root: strawberry.Parent[CellRow], info: Info) -> list[CellGrantRow]:
    return programs.cell_grants(root, info.context)


def _cell_overrides(root: strawberry.Parent[CellRow], info: Info) -> list[OverrideRow]:
    return programs.cell_overrides(root, info.context)


def _permissions(root: strawberry.Parent[RoleRow], info: Info) -> list[Permission]:
    return programs.permissions(root, info.context)


def _assignable_by(root: strawberry.Parent[RoleRow], info: Info) -> list[RoleRow]:
    return programs.assignable_by(root, info.context)


def _program_of_role(root: strawberry.Parent[RoleRow]) -> ProgramRow:
    return root.program


def _school_years(root: strawberry.Parent[ProgramRow], info: Info) -> list[SchoolYearRow]:
    return programs.school_years(root, info.context)


def _roles(root: strawberry.Parent[ProgramRow], info: Info) -> list[RoleRow]:
    return programs.roles(root, info.context)


def _systems(root: strawberry.Parent[ProgramRow], info: Info) -> list[SystemRow]:
    return programs.systems(root, info.context)


def _matrix(root: strawberry.Parent[ProgramRow], info: Info) -> list[CellRow]:
    return programs.matrix(root, info.context)


@strawberry.type(directives=[PUBLIC], description="A school year of one program.")
class SchoolYear:
    code: str | None
    is_current: bool | None
    is_upcoming: bool | None


@strawberry.type(directives=[PUBLIC], description="A downstream system in which the program grants something.")
class ProgramSystem:
    code: str | None
    label: str | None
    rosters: RosterHolder | None


@strawberry.type(directives=[PUBLIC], description="One permission as a cell of the matrix gives it.")
class CellGrant:
    permission: Permission | None
    reach: Reach | None
    assessments: list[str] | None
    reports: list[str] | None


@strawberry.type(directives=[PUBLIC], description="What the state has set for some days in place of the cell.")
class MatrixOverride:
    permission: Permission | None
    reach: Reach | None = strawberry.field(description="Null: not given on these days.")
    assessments: list[str] | None
    first_day: date | None
    last_day: date | None
    basis: str | None


@strawberry.type(directives=[PUBLIC], description="One cell of the program's matrix, as its source prints it.")
class MatrixCell:
    row: str | None
    role: Role | None
    text: str | None
    grants: list[CellGrant] | None = answered(_cell_grants, size=3, description="As they count today.")
    overrides: list[MatrixOverride] | None = answered(
        _cell_overrides, size=1, description="Those that count today or later."
    )
    basis: str | None
    differs: str | None = strawberry.field(
        description="What was decided where cell and sentence of the source disagree."
    )
    stated: bool | None = strawberry.field(description="False where the source leaves the cell empty.")


@strawberry.type(directives=[PUBLIC], description="A role of a program in one school year.")
class Role:
    program: Program | None = answered(_program_of_role)
    code: str | None
    label: str | None
    level: Level | None = strawberry.field(description="Where it is held; null where that is at several levels.")
    levels: list[Level] | None
    rank: int | None = strawberry.field(description="Smaller stands higher.")
    aliases: list[str] | None = strawberry.field(description="Codes and labels of the sources that mean this role.")
    summary: str | None
    permissions: list[Permission] | None = answered(_permissions)
    assignable_by: list[Role] | None = answered(_assignable_by, size=10)


@strawberry.type(directives=[PUBLIC], description="An assessment program with its own roles and matrix.")
class Program:
    code: str | None
    label: str | None
    account_policy: AccountPolicy | None
    school_years: list[SchoolYear] | None = answered(_school_years, size=10)
    roles: list[Role] | None = answered(_roles, size=30)
    systems: list[ProgramSystem] | None = answered(_systems, size=12)
    matrix: list[MatrixCell] | None = answered(_matrix, size=800)
