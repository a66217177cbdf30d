"""Organizations: the tree state → LEA → school, and what lies at each of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import strawberry

from resolvers import groups, organizations, users
from resolvers.groups import StudentGroupRecord
from resolvers.organizations import OrganizationRecord
from resolvers.pages import Listing
from resolvers.users import UserRecord
from schema.asked import Info, answered, rule_of_rows
from schema.connections import After, Connection, First
from schema.mapping import ListedIn, PointedAt, column
from schema.node import Node, made_of
from schema.rules import LIST_USERS, SEE_ORGANIZATION
from schema.words import Level
from store.tables import ORGANIZATIONS, Found

if TYPE_CHECKING:
    from schema.groups import StudentGroup
    from schema.users import User

Source: TypeAlias = strawberry.Parent[OrganizationRecord]


async def _parent(root: Source, info: Info) -> OrganizationRecord | None:
    return await organizations.parent(info.context, root)


async def _children(
    root: Source, info: Info, first: First = strawberry.UNSET, after: After = strawberry.UNSET
) -> Listing[OrganizationRecord]:
    return await organizations.children(info.context, root, rule_of_rows(info), first, after)


async def _users(
    root: Source, info: Info, first: First = strawberry.UNSET, after: After = strawberry.UNSET
) -> Listing[UserRecord]:
    return await users.at_organization(info.context, root, rule_of_rows(info), first, after)


async def _student_groups(
    root: Source, info: Info, first: First = strawberry.UNSET, after: After = strawberry.UNSET
) -> Listing[StudentGroupRecord]:
    return await groups.at_organization(info.context, root, rule_of_rows(info), first, after)


@strawberry.type(directives=[SEE_ORGANIZATION], description="A node of the tree state → LEA → school.")
class Organization(Node):
    table: ClassVar = ORGANIZATIONS
    is_type_of = made_of(OrganizationRecord)
    id: strawberry.ID = column("id")
    code: str | None = column("code")
    name: str | None = column("name")
    level: Level | None = column("level")
    active: bool | None = column("active")
    parent: Organization | None = answered(_parent, mapped=PointedAt("parent_id"))
    children: Connection[Organization] | None = answered(_children, mapped=ListedIn(Found.BY_KEY, "parent_id"))
    users: Connection[Annotated[User, strawberry.lazy("schema.users")]] | None = answered(
        _users, LIST_USERS, mapped=ListedIn(Found.BY_HOLDING)
    )
    student_groups: Connection[Annotated[StudentGroup, strawberry.lazy("schema.groups")]] | None = answered(
        _student_groups, mapped=ListedIn(Found.BY_KEY, "organization_id")
    )
