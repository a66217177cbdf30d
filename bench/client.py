"""The systems that ask: registered with Hallpass, and where they are needed with peers and bare routes alike."""

import hashlib

from policy.ids import System
from store.database import Connection
from store.demo import put_relying_party
from store.relying_parties import RelyingParty
from store.systems import RegisteredSystem, put_system

CLIENT_ID = "bench-system"
CLIENT_SECRET = "bench-secret-bench-secret-bench-secret-bench"
RESOURCE = "https://bench.example/"
_SYSTEM = System("bench")

REPORTING = System("cers")
"""The system of the demo state that asks the gateway's APIs."""
DIRECTORY_CLIENT_ID = "bench-directory"
DIRECTORY_REDIRECT = "https://bench.example/callback"
DIRECTORY_SCOPE = "directory.read"
TOLD_SCOPE = f"openid profile email assessment sbac {DIRECTORY_SCOPE}"
"""Everything that userinfo tells."""


async def register_clients(connection: Connection) -> None:
    """Make the clients and their system known to a database of Hallpass; again and again is the same as once."""
    await put_system(connection, RegisteredSystem(_SYSTEM, "Bench", RESOURCE))
    secret = (hashlib.sha256(CLIENT_SECRET.encode()).digest(),)
    for client in (
        RelyingParty(
            CLIENT_ID,
            "Bench",
            (_SYSTEM,),
            "client_secret_basic",
            secret_hashes=secret,
            grant_types=frozenset({"client_credentials"}),
        ),
        RelyingParty(
            DIRECTORY_CLIENT_ID,
            "Bench, as CERS",
            (REPORTING,),
            "client_secret_basic",
            secret_hashes=secret,
            redirect_uris=(DIRECTORY_REDIRECT,),
            grant_types=frozenset({"authorization_code", "refresh_token", "client_credentials"}),
            scopes=frozenset({*TOLD_SCOPE.split(), "offline_access"}),
            id_token_alg="ES256",
            first_party=True,
        ),
    ):
        await put_relying_party(connection, client)
