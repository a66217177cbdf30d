"""The system that asks for tokens: registered with Hallpass, with the peer and with the bare route alike."""

import hashlib

from policy.ids import System
from store.database import Connection
from store.relying_parties import RelyingParty, insert_relying_party
from store.systems import RegisteredSystem, put_system

CLIENT_ID = "bench-system"
CLIENT_SECRET = "bench-secret-bench-secret-bench-secret-bench"
RESOURCE = "https://bench.example/"
_SYSTEM = System("bench")


async def register_client(connection: Connection) -> None:
    """Make the client and its system known to a database of Hallpass."""
    await put_system(connection, RegisteredSystem(_SYSTEM, "Bench", RESOURCE))
    client = RelyingParty(
        CLIENT_ID,
        "Bench",
        (_SYSTEM,),
        "client_secret_basic",
        secret_hashes=(hashlib.sha256(CLIENT_SECRET.encode()).digest(),),
        grant_types=frozenset({"client_credentials"}),
    )
    await insert_relying_party(connection, client)
