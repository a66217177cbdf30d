"""The query root."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry

from policy.ids import ProgramCode, SchoolYear
from resolvers import decisions, explaining, nodes, programs, roles, viewer
from resolvers.decisions import DecisionRow
from resolvers.programs import ProgramRow, RoleRow
from resolvers.references import read_id
from resolvers.rows import MappedRow
from resolvers.telling import ExplanationRow
from resolvers.viewer import ViewerRow
from schema.asked import Info, answered
from schema.connections import Connection
from schema.decisions import Check, Decision
from schema.directives import PUBLIC, any_of
from schema.explanations import Explanation
from schema.filters import OrganizationFilter, UserFilter, UserOrder
from schema.mapped import kinds_of, one_by, pages
from schema.mapping import FromMemory
from schema.node import Node
from schema.organizations import Organization
from schema.programs import Program, Role
from schema.queries.audit import AuditQueries
from schema.queries.earlier import EarlierQueries
from schema.queries.forms import FormQueries
from schema.queries.identity_providers import IdentityProviderQueries
from schema.queries.mails import MailQueries
from schema.queries.registration import RegistrationQueries
from schema.queries.relying_parties import RelyingPartyQueries
from schema.queries.reviews import ReviewQueries
from schema.queries.signals import SignalQueries
from schema.queries.state import StateQueries
from schema.queries.suggestions import SuggestionQueries
from schema.queries.uploads import UploadQueries
from schema.queries.years import YearQueries
from schema.references import OrganizationRef, UserRef
from schema.rules import ASK, EXPLAIN, EXPLAINING, GIVE_ROLES, LIST_USERS, SEE_ORGANIZATION, SEE_USER, SIGHT, SIGNED_IN
from schema.users import User
from schema.viewer import Viewer
from schema.words import AccessVersion
from store.tables import ORGANIZATIONS, USERS

UNSET: Any = strawberry.UNSET
Unless = Annotated[
    AccessVersion | None,
    strawberry.argument(description="Refuse to answer from facts that are older than this."),
]

AsOf = Annotated[
    datetime | None,
    strawberry.argument(description="A past moment: by that day's roles, tree, years and packs, none of them today's."),
]


def _viewer(info: Info) -> ViewerRow | None:
    return viewer.of_caller(info.context)


async def _node(info: Info, id: strawberry.ID) -> MappedRow | None:
    return await nodes.by_id(info.context, kinds_of(info), read_id(id))


def _program(info: Info, code: str, school_year: str | None = UNSET) -> ProgramRow | None:
    return programs.at(info.context, ProgramCode(code), SchoolYear(school_year) if school_year else None)


def _programs(info: Info) -> list[ProgramRow]:
    return programs.every(info.context)


async def _assignable_roles(
    info: Info,
    organization: strawberry.ID,
    program: str,
    school_year: str,
    user: strawberry.ID | None = UNSET,
) -> list[RoleRow] | None:
    asked = roles.OpeningAsked(
        organization=read_id(organization),
        program=ProgramCode(program),
        school_year=SchoolYear(school_year),
        user=read_id(user) if user else None,
        for_somebody=bool(user),
    )
    return await roles.assignable(info.context, asked, any_of(GIVE_ROLES), SIGHT)


async def _decide(info: Info, check: Check, at_least: Unless = UNSET) -> DecisionRow | None:
    found = await decisions.decide_all(info.context, [check.read()], _given(at_least), any_of(ASK), any_of(GIVE_ROLES))
    return found[0]


async def _decide_many(info: Info, checks: list[Check], at_least: Unless = UNSET) -> list[DecisionRow]:
    asked = [check.read() for check in checks]
    return await decisions.decide_all(info.context, asked, _given(at_least), any_of(ASK), any_of(GIVE_ROLES))


def _given(at_least: AccessVersion | None) -> str | None:
    return at_least if isinstance(at_least, str) else None


async def _explain(info: Info, check: Check, as_of: AsOf = UNSET) -> ExplanationRow | None:
    moment = as_of if isinstance(as_of, datetime) else None
    return await explaining.explain_one(info.context, check.read(), EXPLAINING, moment)


@strawberry.type
class Query(
    AuditQueries,
    EarlierQueries,
    FormQueries,
    IdentityProviderQueries,
    MailQueries,
    UploadQueries,
    YearQueries,
    RegistrationQueries,
    RelyingPartyQueries,
    SuggestionQueries,
    ReviewQueries,
    StateQueries,
    SignalQueries,
):
    viewer: Viewer | None = answered(
        _viewer, PUBLIC, description="Null when signed out, and for systems.", mapped=FromMemory()
    )
    node: Node | None = answered(_node, SIGNED_IN)
    organization: Organization | None = one_by(ORGANIZATIONS, OrganizationRef, SEE_ORGANIZATION)
    organizations: Connection[Organization] | None = pages(ORGANIZATIONS, SEE_ORGANIZATION, filter=OrganizationFilter)
    user: User | None = one_by(USERS, UserRef, SEE_USER)
    users: Connection[User] | None = pages(USERS, LIST_USERS, filter=UserFilter, order=UserOrder)
    program: Program | None = answered(
        _program,
        SIGNED_IN,
        description="In that school year; without one, in its current one.",
        mapped=FromMemory(),
    )
    programs: list[Program] | None = answered(_programs, SIGNED_IN, size=10, mapped=FromMemory())
    assignable_roles: list[Role] | None = answered(
        _assignable_roles,
        GIVE_ROLES,
        description="What the viewer may assign there; with `user`, to that person.",
        size=30,
    )
    decide: Decision | None = answered(_decide, ASK)
    decide_many: list[Decision] | None = answered(
        _decide_many, ASK, description="Up to 100 questions at once.", size="checks"
    )
    explain: Explanation | None = answered(
        _explain, EXPLAIN, description="Why she may or may not, what is missing and who could give it; for people only."
    )
