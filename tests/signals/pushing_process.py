"""A process of its own that pushes what waits, until it is killed; arguments: database URL and a directory."""

import asyncio
import secrets
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.oidc.keys.ring import KeyRing
from gateway.packs_in_force import PacksInForce
from gateway.settings import Settings
from gateway.signals.pushing import Pusher
from gateway.signals.working import push_due
from gateway.state import Gateway
from store.database import open_pool
from tests.oidc.world import ISSUER, Clock


async def main(url: str, directory: str) -> None:
    pool = await open_pool(url, maximum=5)
    async with pool.acquire() as connection:
        packs = await PacksInForce.load(connection)
    gateway = Gateway(
        settings=Settings(data_dir=Path(directory), issuer=ISSUER),
        secret_key=b"k" * 32,
        pool=pool,
        packs=packs,
        now=Clock(),
        new_id=uuid.uuid4,
        new_token=lambda: secrets.token_urlsafe(32),
        hashing=ThreadPoolExecutor(1),
    )
    await push_due(gateway, Pusher(gateway, KeyRing(pool, gateway.secret_key)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
