"""The peer of the list of users: plain strawberry with its caches and DataLoaders on the same rows, without rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from bench.apps import users_sql
from bench.apps.credentials import is_known
from bench.apps.database import fetched, pool_of, with_pool
from bench.apps.serving import ALIVE, serve
from bench.sight import Sight
from store.connection import Row
from store.database import Pool

_SIGHT = Sight.of_environment()
_USERS, _ASSIGNMENTS = users_sql.users_statement(_SIGHT.gives), users_sql.assignments_statement(_SIGHT.gives)


class Loaders:
    """Those of one operation."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.assignments: DataLoader[Any, list[Row]] = DataLoader(load_fn=self._assignments)
        self.organizations: DataLoader[Any, Row | None] = DataLoader(load_fn=self._organizations)

    async def _assignments(self, users: Sequence[Any]) -> list[list[Row]]:
        found: dict[Any, list[Row]] = {user: [] for user in users}
        for row in await fetched(self.pool, _ASSIGNMENTS, *_SIGHT.parameters, _SIGHT.own, list(users)):
            found[row["user_id"]].append(row)
        return [found[user] for user in users]

    async def _organizations(self, ids: Sequence[Any]) -> list[Row | None]:
        found = {row["id"]: row for row in await fetched(self.pool, users_sql.ORGANIZATIONS, list(ids))}
        return [found.get(one) for one in ids]


Info: TypeAlias = strawberry.Info[Loaders, None]


@strawberry.type
class Organization:
    id: strawberry.ID
    code: str
    name: str
    level: str


@strawberry.type
class Role:
    code: str
    label: str


@strawberry.type
class RoleAssignment:
    id: strawberry.ID
    role: Role
    school_year: str | None
    status: str
    organization_id: strawberry.Private[Any]

    @strawberry.field
    async def organization(self, info: Info) -> Organization | None:
        row = await info.context.organizations.load(self.organization_id)
        if row is None:
            return None
        return Organization(id=row["id"], code=row["code"], name=row["name"], level=row["level"].upper())


@strawberry.type
class RoleAssignmentEdge:
    node: RoleAssignment


@strawberry.type
class RoleAssignmentConnection:
    edges: list[RoleAssignmentEdge]


@strawberry.type
class User:
    id: strawberry.ID
    first_name: str
    last_name: str
    email: str | None
    key: strawberry.Private[Any]

    @strawberry.field
    async def assignments(self, info: Info) -> RoleAssignmentConnection:
        rows = await info.context.assignments.load(self.key)
        return RoleAssignmentConnection(edges=[RoleAssignmentEdge(node=_assignment(row)) for row in rows])


@strawberry.type
class UserEdge:
    node: User


@strawberry.type
class UserConnection:
    edges: list[UserEdge]


@strawberry.type
class Query:
    @strawberry.field
    async def users(self, info: Info, first: int) -> UserConnection:
        rows = await fetched(info.context.pool, _USERS, *_SIGHT.parameters)
        return UserConnection(edges=[UserEdge(node=_user(row)) for row in rows[:first]])


def _user(row: Row) -> User:
    return User(
        id=row["id"], first_name=row["first_name"], last_name=row["last_name"], email=row["email"], key=row["id"]
    )


def _assignment(row: Row) -> RoleAssignment:
    program, school_year, role = row["program"], row["school_year"], row["role"]
    return RoleAssignment(
        id=row["id"],
        role=Role(code=role, label=_SIGHT.labels[f"{program}/{school_year}/{role}"]),
        school_year=school_year or None,
        status=row["status"].upper(),
        organization_id=row["organization_id"],
    )


@dataclass(frozen=True, slots=True)
class _Endpoint:
    schema: strawberry.Schema

    async def graphql(self, request: Request) -> Response:
        if not is_known(request):
            return Response(status_code=401)
        asked = orjson.loads(await request.body())
        result = await self.schema.execute(asked["query"], context_value=Loaders(pool_of(request)))
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [str(error) for error in result.errors]
        return Response(orjson.dumps(body), media_type="application/json")


if __name__ == "__main__":
    endpoint = _Endpoint(strawberry.Schema(Query, extensions=[ParserCache, ValidationCache]))
    serve(Starlette(routes=[Route("/graphql", endpoint.graphql, methods=["POST"]), ALIVE], lifespan=with_pool))
