"""How many statements an answer takes doesn't depend on how many rows there are."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette

from gateway.state import Gateway
from store.database import Connection, Pool
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import CAASPP, HILL, LEA, PARK, YEAR, Caller

PAGE = """{ users(first: 50) { edges { node { firstName lastName email
    assignments(first: 10) { nodes { program { code } role { code label } organization { name parent { name } }
        grants { permission } missingSteps { kind } } } } } } }"""
NESTED = """{ organizations(first: 100) { nodes {
    name parent { name } studentGroups(first: 5) { totalCount nodes { name } } } } }"""

NESTED_EXECUTED = """{ organizations(first: 100) { nodes { parent { name }
    children(first: 2) { totalCount nodes { name } }
    users(first: 2) { totalCount nodes { lastName credentials { number } assignments(first: 1) { totalCount } } }
    studentGroups(first: 5) { totalCount nodes { name } } } } }"""
"""No compiled read answers `credentials`."""


class CountedPool:
    """A pool whose connections report each statement that the server is sent."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.sent: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pool, name)

    def acquire(self, *, timeout: float | None = None) -> Any:
        return _Counted(self.pool.acquire(timeout=timeout), self.sent)


class _Counted:
    def __init__(self, acquiring: Any, sent: list[str]) -> None:
        self._acquiring = acquiring
        self._sent = sent
        self._connection: Any = None

    def _log(self, record: Any) -> None:
        self._sent.append(record.query)

    async def __aenter__(self) -> Connection:
        self._connection = await self._acquiring.__aenter__()
        self._connection.add_query_logger(self._log)
        return self._connection

    async def __aexit__(self, *error: object) -> None:
        self._connection.remove_query_logger(self._log)
        await self._acquiring.__aexit__(*error)


@contextmanager
def counted(app: Starlette) -> Generator[list[str]]:
    """The statements sent while the block runs."""
    gateway: Gateway = app.state.gateway
    pool = CountedPool(gateway.pool)
    object.__setattr__(gateway, "pool", pool)
    try:
        yield pool.sent
    finally:
        object.__setattr__(gateway, "pool", pool.pool)


async def statements_of(app: Starlette, asking: Caller, document: str) -> tuple[int, Any]:
    await asking.data(document)  # the access of the caller is computed once, the page counted
    with counted(app) as sent:
        data = await asking.data(document)
    return len(sent), data


async def grow(connection: Connection, first: int, last: int) -> None:
    """Test administrators numbered `first` to `last`, each in two schools; some have signed their form."""
    await connection.execute(
        """with made as (
               insert into users (id, email, email_key, first_name, last_name, name_key, status)
               select gen_random_uuid(), 'g' || n || '@valley.example', 'g' || n || '@valley.example', 'G' || n, 'Aaa',
                      'aaa g' || lpad(n::text, 9, '0'), 'active'
               from generate_series($1::int, $6::int) n returning id, name_key),
           given as (
               insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key,
                                             status, origin)
               select gen_random_uuid(), made.id, $2, 'test-administrator', $3, place, $4, made.name_key, 'active',
                      'operator'
               from made cross join unnest($5::uuid[]) place)
           insert into signed_forms (user_id, program, form, school_year, form_version, signed_name)
           select id, $2, 'security-affidavit', $3, '1', 'me' from made where right(name_key, 1) in ('0', '2', '4')""",
        first, CAASPP, YEAR, LEA, [PARK, HILL], last,
    )  # fmt: skip


@pytest.mark.slow
async def test_the_statements_of_a_page_of_users_are_constant(
    app: Starlette, as_person: AsCaller, connection: Connection
) -> None:
    asking = await as_person("primary")
    few, _ = await statements_of(app, asking, PAGE)
    await grow(connection, 1, 200)
    some, data = await statements_of(app, asking, PAGE)
    assert len(data["users"]["edges"]) == 50
    await grow(connection, 201, 20_000)
    many, data = await statements_of(app, asking, PAGE)
    assert len(data["users"]["edges"]) == 50
    assert few == some == many
    assert many <= 9


@pytest.mark.parametrize(("document", "most"), [(NESTED, 1), (NESTED_EXECUTED, 13)])
async def test_the_statements_of_lists_below_lists_are_constant(
    app: Starlette, as_person: AsCaller, connection: Connection, document: str, most: int
) -> None:
    asking = await as_person("primary")
    few, _ = await statements_of(app, asking, document)
    await connection.execute(
        """insert into organizations (id, level, parent_id, lea_id, code, name, name_key)
           select gen_random_uuid(), 'school', $1, $1, 'S' || n, 'School ' || n, 'school ' || n
           from generate_series(1, 90) n""",
        LEA,
    )
    many, data = await statements_of(app, asking, document)
    assert len(data["organizations"]["nodes"]) == 93
    assert few == many
    assert many <= most


MAPPED = (
    ("{ viewer { id } }", 1),
    ("{ viewer { id user { firstName email } } }", 1),
    ("{ programs { code roles { label } } }", 1),
    ("{ users(first: 50) { totalCount nodes { id assignments { nodes { organization { name } } } } } }", 1),
    (
        '{ users(filter: {name: "p", organization: {code: {level: SCHOOL, code: "19647331930000"}}}) { totalCount } }',
        1,
    ),
    ("{ organizations { totalCount nodes { name users { nodes { lastName } } studentGroups { totalCount } } } }", 1),
    ('{ user(by: {email: "teacher@valley.example"}) { id assignments { totalCount } } }', 1),
)
"""Operations of one root field and the statements that they take: one, which verifies the caller as well."""
_FIRST_REQUEST = 12


@pytest.mark.parametrize(("document", "statements"), MAPPED)
async def test_a_mapped_operation_is_one_statement(
    app: Starlette, as_person: AsCaller, as_token_bearer: AsTokenBearer, connection: Connection,
    document: str, statements: int,
) -> None:  # fmt: skip
    for asking in (await as_person("primary"), await as_token_bearer("primary")):
        assert (await statements_of(app, asking, document))[0] == statements
        await grow(connection, 1, 60)
        assert (await statements_of(app, asking, document))[0] == statements
        await connection.execute(
            "delete from signed_forms where user_id in (select id from users where last_name = 'Aaa')"
        )
        await connection.execute("delete from role_assignments where name_key like 'aaa g%'")
        await connection.execute("delete from users where last_name = 'Aaa'")


async def test_several_roots_are_a_statement_each_in_one_transaction(app: Starlette, as_person: AsCaller) -> None:
    document = "{ a: users(first: 1) { nodes { id } } b: organizations { totalCount } viewer { user { id } } }"
    asking = await as_person("primary")
    await asking.data(document)
    with counted(app) as sent:
        await asking.data(document)
    begun, *statements, ended = sent
    assert (len(statements), ended) == (3, "COMMIT;")
    assert "REPEATABLE READ" in begun


async def test_a_first_request_takes_few(app: Starlette, as_person: AsCaller, as_token_bearer: AsTokenBearer) -> None:
    for asking in (await as_person("primary"), await as_token_bearer("primary")):
        with counted(app) as sent:
            await asking.data(PAGE.replace("grants { permission } missingSteps { kind }", ""))
        assert len(sent) <= _FIRST_REQUEST, sent
