"""A process that works on one file, to be killed by tests."""

import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from gateway.packs_in_force import PacksInForce
from gateway.settings import Settings
from gateway.state import Gateway
from gateway.uploads.working import work_on
from store.database import open_pool
from tests.oidc.world import ISSUER, Clock


async def work(url: str, upload: UUID) -> None:
    pool = await open_pool(url, maximum=4)
    async with pool.acquire() as connection:
        packs = await PacksInForce.load(connection)
    with ThreadPoolExecutor(1) as hashing:
        gateway = Gateway(
            settings=Settings(data_dir=Path(), issuer=ISSUER, second_step="optional", new_device_code=False),
            secret_key=b"k" * 32,
            pool=pool,
            packs=packs,
            now=Clock(),
            new_id=uuid.uuid4,
            new_token=lambda: secrets.token_urlsafe(32),
            hashing=hashing,
        )
        await work_on(gateway, upload)
    await pool.close()
