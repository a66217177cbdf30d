"""Proofs that are good once: client assertions and DPoP proofs, by a row that only the first user can insert."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it is remembered: a digest, and when its age alone would refuse it."""

    digest: bytes
    expires_at: datetime


def proof_of(kind: str, holder: str, jti: str, expires_at: datetime) -> Proof:
    """`holder`: whose it is, a client id or a key's thumbprint. Equal ids of different holders are different proofs."""
    parts = [part.encode() for part in (kind, holder, jti)]
    digest = hashlib.sha256(b"".join(len(part).to_bytes(4) + part for part in parts)).digest()
    return Proof(digest, expires_at)


async def use_proofs(connection: Connection, proofs: Sequence[Proof]) -> tuple[Proof, ...]:
    """Use them up; those that had been used before, in any process. Without proofs nothing is asked."""
    if not proofs:
        return ()
    digests, ends = [one.digest for one in proofs], [one.expires_at for one in proofs]
    rows = await connection.fetch(statements("used_proofs")["use"], digests, ends)
    fresh = {row["proof"] for row in rows}
    return tuple(one for one in proofs if one.digest not in fresh)
