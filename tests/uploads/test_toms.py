"""TOMS files on a real database: what each row does, what is refused, and that all of it or nothing is applied."""

import pytest

from gateway.state import Gateway
from policy.upload_kinds import UploadState
from tests.uploads.files import HILL_CODE, LEA_CODE, PARK_CODE, TA, TE, applied, outcomes, report, toms, validated


async def test_new_people_get_accounts_and_roles(state: Gateway) -> None:
    done = await applied(state, toms(("ada@valley.example", TA, PARK_CODE), ("bo@valley.example", TE, HILL_CODE)))
    assert (done.state, done.counts, done.notes) == (UploadState.APPLIED, {"created": 2}, [])
    async with state.pool.acquire() as connection:
        rows = await connection.fetch(
            "select u.email, u.status, a.role, a.assigned_under, o.code from users u "
            "join role_assignments a on a.user_id = u.id join organizations o on o.id = a.organization_id "
            "where u.email in ('ada@valley.example', 'bo@valley.example') order by 1"
        )
    assert [tuple(row.values()) for row in rows] == [
        ("ada@valley.example", "invited", "test-administrator", "lea-coordinator", PARK_CODE),
        ("bo@valley.example", "invited", "test-examiner", "lea-coordinator", HILL_CODE),
    ]
