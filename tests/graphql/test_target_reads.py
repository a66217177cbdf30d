"""What a change looks at before it begins is read in one go, however many targets it has."""

from typing import Any

from starlette.applications import Starlette

from tests.graphql.changes import CREATE, REMOVE, new_person, role
from tests.graphql.conftest import AsCaller
from tests.graphql.test_query_count import counted
from tests.graphql.world import HILL, LEA, PARK, Caller, assignment_id

HELD = (
    ("site", "site-coordinator", PARK),
    ("teacher", "test-administrator", PARK),
    ("educator", "educator-district", LEA),
)


async def reads_before(app: Starlette, asking: Caller, document: str, asked: dict[str, Any]) -> int:
    """The statements before the change's transaction."""
    with counted(app) as sent:
        await asking.ask(document, input=asked)
    return next(at for at, text in enumerate(sent) if text.startswith("BEGIN"))


async def test_roles_that_are_taken_together(app: Starlette, as_person: AsCaller) -> None:
    ids = [str(assignment_id(*one)) for one in HELD]
    asking = await as_person("primary")
    await reads_before(app, asking, REMOVE, {"assignments": ids})  # once, for what is remembered afterwards
    one = await reads_before(app, await as_person("additional"), REMOVE, {"assignments": ids[:1]})
    assert await reads_before(app, await as_person("additional"), REMOVE, {"assignments": ids}) <= one


async def test_roles_that_are_given_together(app: Starlette, as_person: AsCaller) -> None:
    roles = [role(where=where) for where in (PARK, HILL)] + [role("educator-district", LEA)]
    asking = await as_person("primary")
    await reads_before(app, asking, CREATE, new_person(roles=roles))
    one = await reads_before(app, asking, CREATE, new_person(email="a@valley.example", roles=roles[:1]))
    assert await reads_before(app, asking, CREATE, new_person(email="b@valley.example", roles=roles)) == one
