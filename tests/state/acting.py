"""The state's own staff as tests make them, and the mutations that they send."""

from typing import Any

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from store.access_version import raise_versions
from store.assignments import NewAssignment, insert_assignment
from store.database import Pool
from tests.graphql.world import Caller, assignment_id, person, user_id
from tests.oidc.world import NOW, STATE

_ERRORS = "userErrors { path code rule message remedy }"
DOCUMENTS = {
    name: f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} {_ERRORS} }} }}"
    for name, kind, fields in (
        ("grantStateRole", "StateRoleInput", "request"),
        ("removeStateRole", "StateRoleInput", "request"),
        ("confirmStateRole", "ConfirmStateRoleInput", "confirmed"),
        ("setCellOverride", "CellOverrideInput", "override request"),
        ("endCellOverride", "EndCellOverrideInput", "ended"),
        ("exportPersonalData", "ExportPersonalDataInput", "document"),
        ("erasePerson", "ErasePersonInput", "request"),
        ("releaseAddress", "ReleaseAddressInput", "released"),
        ("confirmRequest", "RequestInput", "decided"),
        ("withdrawRequest", "RequestInput", "decided"),
    )
}


async def act(asking: Caller, mutation: str, **asked: Any) -> dict[str, Any]:
    """The payload of a mutation without GraphQL errors."""
    return (await asking.data(DOCUMENTS[mutation], input=asked))[mutation]


async def refused(asking: Caller, mutation: str, **asked: Any) -> list[str]:
    """The codes of its user errors."""
    return [one["code"] for one in (await act(asking, mutation, **asked))["userErrors"]]


async def code_of(asking: Caller, mutation: str, **asked: Any) -> list[str]:
    """The codes of its GraphQL errors."""
    answer = await asking.ask(DOCUMENTS[mutation], input=asked)
    return [one["extensions"]["code"] for one in answer["errors"]]


async def staff(pool: Pool, name: str, role: str) -> str:
    """Somebody of the state's own staff."""
    async with pool.acquire() as connection:
        await person(connection, name)
        identifier = assignment_id(name, role, STATE, ProgramCode("state"))
        new = NewAssignment(
            identifier, user_id(name), ProgramCode("state"), RoleSlug(role), SchoolYear(""), STATE,
            assigned_at=NOW, origin="operator",
        )  # fmt: skip
        async with connection.transaction():
            await insert_assignment(connection, new)
            await raise_versions(connection, (user_id(name),))
    return name
