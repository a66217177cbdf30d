"""Files and accounts: no row inherits a released address, none lifts a suspension, and one brings back the inactive."""

from datetime import timedelta

import pytest

from gateway.account_terms import account_terms
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.keys_of import email_key
from store.released_addresses import release_address
from store.uploads import UploadState
from tests.accounts.acting import act, status_of
from tests.graphql.conftest import AsCaller
from tests.graphql.world import user_id
from tests.oidc.world import HASH, NOW
from tests.uploads.files import FAR_CODE, PARK_CODE, TA, TE, applied, outcomes, report, toms

RELEASED, FRESH = "left@valley.example", "fresh@valley.example"


async def release(gateway: Gateway, connection: Connection, days: int = 700) -> None:
    hashed = account_terms(gateway).address_hash(email_key(RELEASED))
    await release_address(connection, hashed, UserId(user_id("educator")), NOW, NOW + timedelta(days=days))


@pytest.mark.rule("accounts-4", "files")
async def test_a_row_for_a_released_address_is_refused_with_the_whole_file(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    await release(gateway, connection)
    rows = toms((RELEASED.upper(), TA, PARK_CODE), (FRESH, TA, PARK_CODE))
    done = await applied(gateway, rows)
    assert done.state is UploadState.REFUSED
    assert outcomes(await report(gateway, done.id)) == [("2", "refused", "ADDRESS_RELEASED"), ("3", "created", "")]
    known = await connection.fetchval("select count(*) from users where email = any($1)", [RELEASED, FRESH])
    assert known == 0


@pytest.mark.rule("accounts-4", "S0-42")
async def test_outside_of_the_reach_nothing_is_told_of_it(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    await release(gateway, connection)
    done = await applied(gateway, toms((RELEASED, TA, FAR_CODE)))
    assert [code for _, _, code in outcomes(await report(gateway, done.id))] == ["NOT_WITHIN_REACH"]


@pytest.mark.rule("accounts-4")
async def test_after_24_months_it_is_anybodys(as_person: AsCaller, gateway: Gateway, connection: Connection) -> None:
    await release(gateway, connection, days=0)
    assert (await applied(gateway, toms((RELEASED, TA, PARK_CODE)))).state is UploadState.APPLIED


@pytest.mark.rule("accounts-5", "S0-50")
async def test_a_file_lifts_no_suspension(as_person: AsCaller, gateway: Gateway, connection: Connection) -> None:
    await act(await as_person("primary"), "deactivateUser", user=str(user_id("colleague")))
    done = await applied(gateway, toms(("colleague@valley.example", TE, PARK_CODE)))
    assert done.state is UploadState.REFUSED
    assert await status_of(connection, "colleague") == "suspended"


@pytest.mark.rule("S0-55")
async def test_s0_55_an_inactive_person_comes_back_by_file(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    """The first way: including that user in the file."""
    await connection.execute("delete from role_assignments where user_id = $1", user_id("colleague"))
    await connection.execute(
        "update users set status = 'inactive', password_hash = $2 where id = $1", user_id("colleague"), HASH
    )
    done = await applied(gateway, toms(("colleague@valley.example", TA, PARK_CODE, "Colleague", "Example")))
    assert done.state is UploadState.APPLIED
    assert await status_of(connection, "colleague") == "active"
