"""DPoP proofs that were used at resource endpoints lately, in a bounded memory of the process."""

from collections import OrderedDict
from datetime import datetime
from typing import Final

from store.used_proofs import Proof

_MOST: Final = 100_000


class ProofMemory:
    """Least recently used first out; what is too old by itself needs no place.

    A proof is good for one request in this process. In another one it could be used again for a minute, at the same
    address, by the same method, with the same token, by whoever reads the connection: to exclude that too would cost
    a durable row per request. The endpoints that give tokens pay it (`store.used_proofs`).
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._used: OrderedDict[bytes, datetime] = OrderedDict()

    def use(self, proof: Proof, now: datetime) -> bool:
        """Whether it had not been used; it is now."""
        while self._used and (len(self._used) >= self._most or next(iter(self._used.values())) <= now):
            self._used.popitem(last=False)
        if proof.digest in self._used:
            return False
        self._used[proof.digest] = proof.expires_at
        return True
