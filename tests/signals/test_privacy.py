"""No event holds anything of who somebody is: every one that is sent is read for names, addresses and numbers."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.signals.pushing import Pusher
from gateway.signals.working import push_due
from gateway.state import Gateway
from policy.signals import SUPPORTED
from store.access_version import raise_versions
from store.database import Connection
from store.deletion import delete_account
from store.passwords import set_password
from store.released_addresses import release_address, unblock_address
from store.sessions import finish_everything
from store.users import NewUser, create_user
from tests.oidc.world import HASH, LEA, NOW, give, ident, sign
from tests.signals.test_sources import session_of
from tests.signals.world import PUSH, Api, Receiver, claims_unchecked, user_id

PERSONAL = ("Zacharias", "Quillfeather", "zq@unusual.example", "moved@unusual.example", "+15551230987", "Yubi of Zac")


@pytest.mark.rule("accounts-5")
async def test_nothing_that_is_sent_says_who_she_is(
    api: Api, receiver: Receiver, pusher: Pusher, gateway: Gateway, connection: Connection
) -> None:
    """Every kind of event, from a life with everything in it."""
    zac = user_id("zac")
    await create_user(connection, NewUser(zac, PERSONAL[2], *PERSONAL[:2], phone=PERSONAL[4]))
    await connection.execute("update users set status = 'active' where id = $1", zac)
    await give(connection, zac, "lea-coordinator", LEA)
    await sign(connection, zac)
    await api.create(delivery={"method": PUSH, "endpoint_url": receiver.url})
    session = await session_of(connection, zac, "listener")
    async with connection.transaction():
        await raise_versions(connection, [zac])
    await connection.execute("update users set email = $2, email_key = $2 where id = $1", zac, PERSONAL[3])
    await set_password(connection, zac, HASH, NOW, keep=0)
    await connection.execute(
        "insert into passkeys (id, user_id, credential_id, public_key, sign_count, backup_eligible, backed_up, "
        "transports, aaguid, name, added_at) values ($1, $2, 'c', 'k', 0, false, false, '{usb}', $1, $3, $4)",
        uuid4(), zac, PERSONAL[5], NOW,
    )  # fmt: skip
    await connection.execute("update sessions set acr = 'urn:hallpass:aal2' where id = $1", session)
    async with connection.transaction():
        await finish_everything(connection, zac, NOW, "password")
    for status in ("suspended", "active"):
        await connection.execute("update users set status = $2 where id = $1", zac, status)
    await release_address(connection, b"hash", zac, NOW, NOW + timedelta(days=700))
    await unblock_address(connection, b"hash", NOW)
    async with connection.transaction():
        await delete_account(connection, zac, NOW, NOW + timedelta(days=1))
    await push_due(gateway, pusher)

    assert {uri for token in receiver.taken for uri in claims_unchecked(token)["events"]} == set(SUPPORTED)
    for token in receiver.taken:
        for part in token.split(".")[:2]:
            text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
            assert json.loads(text)
            for personal in PERSONAL:
                assert personal.lower() not in text.lower()
    assert {claims_unchecked(token)["sub_id"].get("sub", str(ident("zac"))) for token in receiver.taken} == {str(zac)}
    kept = await connection.fetch("select to_jsonb(e)::text as row from signal_events e")
    assert kept
    assert not any(personal in row["row"] for row in kept for personal in PERSONAL)
