"""The peer npm PostGraphile: GraphQL from a PostgreSQL schema, here one of views and functions over the same rows."""

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from bench.apps.serving import POOL_SIZE
from bench.apps.users_sql import page, shown
from bench.npm import installed, node
from bench.servers import ServerCommand
from bench.sight import PAGE, Sight
from bench.state import State
from store.database import open_connection

NAME = "npm PostGraphile"
PACKAGE = "postgraphile"

_VIEWS = """
drop schema if exists bench cascade;
create schema bench;
grant usage on schema bench to hallpass_app;

create view bench.person as select id, first_name, last_name, email, name_key from hallpass.users;
comment on view bench.person is '@primaryKey id';

create view bench.organization as select id, code, name, upper(level) as level from hallpass.organizations;
comment on view bench.organization is '@primaryKey id';

create table bench.role (
    program text, school_year text, code text, label text not null, primary key (program, school_year, code));

create view bench.assignment as
    select id, user_id, program, school_year as year_key, nullif(school_year, '') as school_year, role as role_code,
        upper(status) as status, organization_id
    from hallpass.role_assignments;
comment on view bench.assignment is E'@primaryKey id
@foreignKey (organization_id) references bench.organization (id)|@fieldName organization
@foreignKey (program, year_key, role_code) references bench.role (program, school_year, code)|@fieldName role';
"""
_FUNCTIONS = """
create function bench.users_{way}(lea uuid, program text, school_year text) returns setof bench.person
stable begin atomic
    select u.id, u.first_name, u.last_name, u.email, u.name_key
    from ({page}) p join hallpass.users u on u.id = p.user_id
    order by p.name_key, p.user_id;
end;

create function bench.person_{way}(person bench.person, lea uuid, program text, school_year text, own uuid)
returns setof bench.assignment
stable begin atomic
    select a.id, a.user_id, a.program, a.school_year, nullif(a.school_year, ''), a.role, upper(a.status),
        a.organization_id
    from hallpass.role_assignments a join hallpass.organizations o on o.id = a.organization_id
    where a.user_id = ($1).id and {shown}
    order by a.program, a.school_year, a.organization_id, a.role;
end;
"""
_ROLES = "insert into bench.role select split_part(k, '/', 1), split_part(k, '/', 2), split_part(k, '/', 3), v from "
_GRANT = "grant select on all tables in schema bench to hallpass_app; analyze bench.role"
_DOCUMENT = """
query Users($lea: UUID!, $program: String!, $schoolYear: String!, $own: UUID!) {
  users: users%(Way)s(lea: $lea, program: $program, schoolYear: $schoolYear, first: %(page)d) { edges { node {
    id: rowId firstName lastName email
    assignments: %(way)s(lea: $lea, program: $program, schoolYear: $schoolYear, own: $own) { edges { node {
      id: rowId role { code label } schoolYear status organization { id: rowId code name level }
    } } }
  } } }
}
"""


async def make_schema(state: State, ways: Mapping[str, Sight]) -> None:
    """The schema `bench` of the state's database, with the functions of each way to ask."""
    connection = await open_connection(state.owner_url, None)
    try:
        await connection.execute(_VIEWS)
        for way, sight in ways.items():
            conditions = {"page": page(sight.gives, limit=""), "shown": _moved(shown(sight.gives))}
            await connection.execute(_FUNCTIONS.format(way=way, **conditions))
        labels = {name: label for sight in ways.values() for name, label in sight.labels.items()}
        await connection.execute(f"{_ROLES} unnest($1::text[], $2::text[]) as l (k, v)", [*labels], [*labels.values()])
        await connection.execute(_GRANT)
    finally:
        await connection.close()


async def postgraphile(state: State, variables: Mapping[str, str]) -> ServerCommand:
    """How it is started, once it is installed; `variables` say whose credentials are good.

    Raises PeerMissingError.
    """
    folder = await asyncio.to_thread(installed, PACKAGE)
    address = urlsplit(state.url)
    return ServerCommand(
        PACKAGE,
        [str(node()), "server.mjs"],
        variables={
            "PORT": "{port}",
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
            "DATABASE_HOST": parse_qs(address.query)["host"][0],
            "DATABASE_USER": unquote(address.username or ""),
            "DATABASE_NAME": address.path.removeprefix("/"),
            "POOL_SIZE": str(POOL_SIZE),
            **variables,
        },
        folder=folder,
    )


def question(way: str, sight: Sight) -> bytes:
    """The body that asks it for what Hallpass is asked; what Hallpass judges, the peer is told by arguments."""
    document = _DOCUMENT % {"Way": way.capitalize(), "way": way, "page": PAGE}
    asked = {"lea": sight.lea, "program": sight.program, "schoolYear": sight.school_year, "own": sight.own}
    return orjson.dumps({"query": document, "variables": asked})


def _moved(condition: str) -> str:
    """The condition with each parameter one place further: the first is the person."""
    return re.sub(r"\$([1-4])\b", lambda found: f"${int(found[1]) + 1}", condition)
