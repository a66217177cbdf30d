"""Users: persons with an account, and what each may see of another."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import strawberry

from policy.ids import UserId
from resolvers import assignments, help_desk, steps, suspensions
from resolvers.grants import GrantRow
from resolvers.help_desk import FailureRecord, LinkRecord
from resolvers.rows import MappedRow
from resolvers.steps import CredentialRecord, FormRow
from resolvers.suspensions import SuspensionRow
from schema.asked import Info, answered
from schema.assignments import Grant, RoleAssignment
from schema.connections import Connection
from schema.directives import PUBLIC
from schema.mapped import column, lists, row_of
from schema.node import Node
from schema.rules import SEE_DETAILS, SEE_SUSPENSION, SEE_USER, SIGHT
from schema.state_rules import HELP_DESK
from schema.suspensions import Suspension
from schema.words import UserStatus
from store.tables import USERS, Found

if TYPE_CHECKING:
    from schema.organizations import Organization

Source: TypeAlias = strawberry.Parent[MappedRow]


async def _suspension(root: Source, info: Info) -> SuspensionRow | None:
    return await suspensions.of_account(info.context, UserId(root.id))


async def _failure(root: Source, info: Info) -> FailureRecord | None:
    return await help_desk.last_failure(info.context, UserId(root.id))


async def _links(root: Source, info: Info) -> list[LinkRecord]:
    return await help_desk.links(info.context, UserId(root.id))


async def _credentials(root: Source, info: Info) -> tuple[CredentialRecord, ...]:
    return await steps.credentials(info.context, UserId(root.id))


async def _security_forms(root: Source, info: Info) -> list[FormRow]:
    return await steps.security_forms(info.context, UserId(root.id), SIGHT.assignment)


async def _access(root: Source, info: Info) -> list[GrantRow]:
    return await assignments.access_of_user(info.context, UserId(root.id), SIGHT.assignment)


@strawberry.type(
    directives=[SEE_DETAILS], description="A license recorded for a person in one LEA, good in that LEA only."
)
class Credential:
    id: strawberry.ID
    number: str | None
    expires_on: date | None = strawberry.field(description="The last day on which it is good.")
    recorded_at: datetime | None
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = row_of("lea_id")


@strawberry.type(
    directives=[PUBLIC], description="A security form that a person's roles ask for, or that she has signed."
)
class SecurityForm:
    program: str | None
    school_year: str | None
    code: str | None
    label: str | None
    version: str | None = strawberry.field(description="Of what was signed, else of what is to be signed.")
    text: str | None = strawberry.field(description="What the form says now.")
    signed_at: datetime | None = strawberry.field(description="Null: not signed.")


@strawberry.type(
    directives=[PUBLIC], description="An attempt to sign in that failed. It is reached through a guarded field only."
)
class FailedSignIn:
    failed_at: datetime | None
    why: str | None = strawberry.field(description="wrong-password, not-active or too-many.")


@strawberry.type(
    directives=[PUBLIC], description="A link that was sent, never itself. It is reached through a guarded field only."
)
class AccountLink:
    purpose: str | None
    created_at: datetime | None
    expires_at: datetime | None
    used_at: datetime | None = strawberry.field(description="Or made useless by a newer one.")


@strawberry.type(directives=[SEE_USER], description="A person with an account.")
class User(Node):
    table: ClassVar = USERS
    id: strawberry.ID = column("id")
    first_name: str | None = column("first_name")
    last_name: str | None = column("last_name")
    email: str | None = column("email", SEE_DETAILS)
    phone: str | None = column("phone", SEE_DETAILS)
    fax: str | None = column("fax", SEE_DETAILS)
    status: UserStatus | None = column("status", SEE_DETAILS)
    version: int | None = column("version", SEE_DETAILS, description="For `expectedVersion`.")
    suspension: Suspension | None = answered(
        _suspension, SEE_SUSPENSION, description="Of the account as a whole; roles have their own.", unmapped=True
    )
    assignments: Connection[RoleAssignment] | None = lists(
        Found.BY_KEY,
        "user_id",
        few=True,
        description="Those that the caller may see, each by its own organization and program.",
    )
    last_failed_sign_in: FailedSignIn | None = answered(
        _failure, HELP_DESK, description="The last one, for the help desk.", unmapped=True
    )
    account_links: list[AccountLink] | None = answered(
        _links, HELP_DESK, size=10, description="The newest ten, for the help desk.", unmapped=True
    )
    credentials: list[Credential] | None = answered(_credentials, SEE_DETAILS, size=5, unmapped=True)
    security_forms: list[SecurityForm] | None = answered(_security_forms, SEE_DETAILS, size=10, unmapped=True)
    access: list[Grant] | None = answered(
        _access,
        SEE_DETAILS,
        description="What the assignments that the caller may see give now.",
        size=100,
        unmapped=True,
    )
