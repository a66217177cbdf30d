"""Files in GraphQL: each step in its order, by whoever sent the file, and how far the work has come."""

from typing import Any

import pytest

from gateway.state import Gateway
from gateway.uploads.working import work_on_next
from policy.upload_kinds import UploadState
from tests.graphql.conftest import AsCaller, as_person, http
from tests.graphql.world import Caller
from tests.uploads.files import PARK_CODE, TA, TE, Sending, record, send, toms, validated

__all__ = ["as_person", "http"]

STEP = """mutation Step($upload: ID!, $version: Int!) {{
  {0}(input: {{upload: $upload, expectedVersion: $version}}) {{
    upload {{ id state version counts {{ outcome rows }} problems {{ row column code }} notes report file }}
    userErrors {{ path code message remedy }}
  }}
}}"""
UPLOAD = """query One($id: ID!) {
  upload(id: $id) { id fileName format program schoolYear state size digest rowCount version
    counts { outcome rows } problems { row column value code rule message remedy }
    notes createdAt validatedAt finishedAt }
  uploads { id }
}"""
DATA = toms(("ada@valley.example", TA, PARK_CODE), ("teacher@valley.example", TE, PARK_CODE))


async def step(caller: Caller, name: str, upload: object, version: int) -> dict[str, Any]:
    answer = await caller.data(STEP.format(name), upload=str(upload), version=version)
    return answer[name]


async def worked_on(gateway: Gateway) -> None:
    while await work_on_next(gateway):
        pass


async def test_from_received_to_applied(gateway: Gateway, as_person: AsCaller) -> None:
    caller = await as_person("primary")
    upload = await send(gateway, DATA)
    validating = await step(caller, "validateUserUpload", upload, 2)
    assert (validating["userErrors"], validating["upload"]["state"]) == ([], "VALIDATING")
    await worked_on(gateway)
    found = (await caller.data(UPLOAD, id=str(upload)))["upload"]
    assert (found["state"], found["rowCount"], found["problems"], found["finishedAt"]) == ("VALIDATED", 2, [], None)
    assert found["counts"] == [{"outcome": "created", "rows": 1}, {"outcome": "replaced", "rows": 1}]
    assert (await step(caller, "applyUserUpload", upload, found["version"]))["upload"]["state"] == "APPLYING"
    await worked_on(gateway)
    done = await caller.data(UPLOAD, id=str(upload))
    assert (done["upload"]["state"], done["uploads"]) == ("APPLIED", [{"id": str(upload)}])
    assert done["upload"]["finishedAt"] is not None


async def test_steps_out_of_order_and_stale_versions_are_refused(gateway: Gateway, as_person: AsCaller) -> None:
    caller = await as_person("primary")
    upload = await send(gateway, DATA)
    early = await step(caller, "applyUserUpload", upload, 2)
    assert (early["upload"], early["userErrors"][0]["code"]) == (None, "WRONG_STATE")
    stale = await step(caller, "validateUserUpload", upload, 1)
    assert stale["userErrors"][0]["code"] == "CHANGED"
    cancelled = await step(caller, "cancelUpload", upload, 2)
    assert cancelled["upload"]["state"] == "CANCELLED"
    late = await step(caller, "validateUserUpload", upload, 3)
    assert late["userErrors"][0]["code"] == "WRONG_STATE"
    async with gateway.pool.acquire() as connection:
        outcomes = await connection.fetch(
            "select action, outcome from audit_events where target_type = 'upload' order by id"
        )
    assert [tuple(row.values()) for row in outcomes] == [
        ("applyUserUpload", "denied"), ("validateUserUpload", "denied"), ("cancelUpload", "allowed"),
        ("validateUserUpload", "denied"),
    ]  # fmt: skip


@pytest.mark.rule("state")
async def test_a_file_is_set_to_work_only_where_the_role_counts_that_it_was_sent_in(
    gateway: Gateway, as_person: AsCaller
) -> None:
    """A session without a second step applies nothing that was sent in one that had it."""
    found = await validated(gateway, DATA, Sending("site", "lea-coordinator"))
    caller = await as_person("site")
    for name in ("applyUserUpload", "validateUserUpload"):
        refused = await step(caller, name, found.id, found.version)
        assert (refused["upload"], refused["userErrors"][0]["code"]) == (None, "ROLE"), name
    assert (await record(gateway, found.id)).state is found.state
    assert (await step(caller, "cancelUpload", found.id, found.version))["userErrors"] == []


async def test_a_file_that_is_worked_on_is_busy(gateway: Gateway, as_person: AsCaller) -> None:
    caller = await as_person("primary")
    found = await validated(gateway, DATA)
    async with gateway.pool.acquire() as connection, connection.transaction():
        await connection.execute("select from uploads where id = $1 for no key update", found.id)
        busy = await step(caller, "cancelUpload", found.id, found.version)
    assert busy["userErrors"][0]["code"] == "BUSY"
    assert (await record(gateway, found.id)).state is UploadState.VALIDATED


async def test_anybody_elses_file_is_not_found(gateway: Gateway, as_person: AsCaller) -> None:
    found = await validated(gateway, DATA)
    other = await as_person("additional")
    assert await other.data(UPLOAD, id=str(found.id)) == {"upload": None, "uploads": []}
    answer = await other.ask(STEP.format("applyUserUpload"), upload=str(found.id), version=found.version)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    teacher = await as_person("teacher")
    forbidden = await teacher.ask(STEP.format("applyUserUpload"), upload=str(found.id), version=found.version)
    assert forbidden["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await record(gateway, found.id)).state is UploadState.VALIDATED
