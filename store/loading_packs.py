"""Loads a pack into the database: the pack, its audit event and the new epoch, which everybody's access follows."""

from store.access_version import raise_epoch
from store.audit import AuditEvent, record
from store.connection import Connection
from store.packs import Stored, put_pack
from store.shipped_packs import PackFile


async def load_pack(connection: Connection, file: PackFile, reason: str) -> Stored:
    """In one transaction; in place of the same version. `reason` is the operator's; unchanged, nothing is recorded."""
    pack = file.pack
    async with connection.transaction():
        done = await put_pack(connection, file)
        if done is not Stored.UNCHANGED:
            event = AuditEvent(
                action="loadPack",
                target_type="pack",
                target_id=f"{pack.program} {pack.from_year or ''}".rstrip(),
                operator_reason=reason,
                after={"roles": len(pack.roles), "cells": len(pack.cells), "done": done.value},
            )
            await record(connection, event)
            await raise_epoch(connection)
    return done
