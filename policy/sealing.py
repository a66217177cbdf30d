"""The hash chain of the audit trail: batches of events, each sealed upon the one before, and what breaks it."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

GENESIS = bytes(32)
"""What the first batch follows."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch says of itself. `spans`: the ids of its events, each span from–to inclusive, in order.

    `settled`: every event up to this id lies in this batch or one before it. `horizon`: the first transaction that
    had not begun when it was sealed. `previous`: the hash of the batch before. `sealed_at`: in UTC, as ISO 8601.
    """

    number: int
    sealed_at: str
    spans: tuple[tuple[int, int], ...]
    events: int
    settled: int
    horizon: int
    previous: bytes


@dataclass(frozen=True, slots=True)
class SealedBatch:
    batch: Batch
    hash: bytes
    seal: bytes
    """HMAC-SHA-256 of the hash, under a key that the database doesn't hold."""


@dataclass(frozen=True, slots=True)
class Head:
    """A batch's number and hash: noted outside the database, it shows later that nothing before it was cut off."""

    number: int
    hash: bytes

    @property
    def text(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def of(cls, text: str) -> "Head":
        """Raises ValueError with a sentence."""
        number, _, digest = text.strip().partition(":")
        try:
            head = cls(int(number), bytes.fromhex(digest))
        except ValueError:
            head = cls(0, b"")
        if head.number < 1 or len(head.hash) != hashlib.sha256().digest_size:
            raise ValueError(f"{text[:80]!r} is no head: give one as `hallpass audit head` prints it, number:hash.")
        return head


class Fault(StrEnum):
    """What verification finds."""

    MISSING_BATCH = "missing-batch"
    BROKEN_CHAIN = "broken-chain"
    FORGED_SEAL = "forged-seal"
    MISSING_EVENT = "missing-event"
    CHANGED_EVENT = "changed-event"
    UNSEALED_EVENT = "unsealed-event"
    ANOTHER_HEAD = "another-head"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, the batch or events that it concerns, and in words what is so."""

    fault: Fault
    batch: int | None
    events: tuple[int, ...]
    text: str


Event = Mapping[str, object]
"""A row of the trail: texts, whole numbers and None by column; `id` is a number."""


def spans_of(ids: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Ascending ids as spans from–to inclusive."""
    spans: list[tuple[int, int]] = []
    for one in ids:
        if spans and spans[-1][1] + 1 == one:
            spans[-1] = (spans[-1][0], one)
        else:
            spans.append((one, one))
    return tuple(spans)


def hash_of(batch: Batch, events: Iterable[Event]) -> bytes:
    """SHA-256 of what the batch says of itself and of its events in order: a line of JSON in ASCII for each.

    A line has an event's columns by name, sorted: JSON holds no bare line end, so no two contents are alike.
    """
    head = [
        "hallpass-audit-1", batch.number, batch.sealed_at, [list(span) for span in batch.spans], batch.events,
        batch.settled, batch.horizon, batch.previous.hex(),
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(head, separators=(",", ":")).encode())
    for event in events:
        digest.update(b"\n")
        digest.update(json.dumps(event, sort_keys=True, separators=(",", ":")).encode())
    return digest.digest()


def sealed(batch: Batch, events: Iterable[Event], key: bytes) -> SealedBatch:
    digest = hash_of(batch, events)
    return SealedBatch(batch, digest, _seal(digest, key))


def judge_batch(one: SealedBatch, before: Head | None, events: Sequence[Event], key: bytes) -> list[Finding]:
    """What is wrong with a stored batch, its stored events given in the order of their ids. `before`: None: the first.

    After a missing batch the chain can't be judged: the finding says so, and the next is judged upon this one.
    """
    number = one.batch.number
    follows = before.number if before else 0
    found: list[Finding] = []
    if number != follows + 1:
        text = (
            f"Batches {follows + 1} to {number - 1} are gone." if number > follows else f"Batch {number} comes twice."
        )
        found.append(Finding(Fault.MISSING_BATCH, follows + 1, (), text))
    elif one.batch.previous != (before.hash if before else GENESIS):
        text = f"Batch {number} doesn't follow the batch that stands before it: one of them was replaced."
        found.append(Finding(Fault.BROKEN_CHAIN, number, (), text))
    if not hmac.compare_digest(one.seal, _seal(one.hash, key)):
        text = f"The seal of batch {number} isn't of this deployment's secret key."
        found.append(Finding(Fault.FORGED_SEAL, number, (), text))
    if hash_of(one.batch, events) != one.hash:
        found.append(_changed(one.batch, events))
    return found


def judge_head(noted: Head, stored: bytes | None) -> list[Finding]:
    """What a head that was noted elsewhere says. `stored`: the hash of the stored batch of its number, if any."""
    if stored == noted.hash:
        return []
    if stored is None:
        text = f"Batch {noted.number}, which was noted, is gone: the end of the trail was cut off."
    else:
        text = f"Batch {noted.number} is another than the one that was noted: the trail was written anew."
    return [Finding(Fault.ANOTHER_HEAD, noted.number, (), text)]


def unsealed(ids: Sequence[int]) -> list[Finding]:
    """Events that lie in no batch although everything around them is sealed: put in afterwards."""
    if not ids:
        return []
    text = f"{len(ids)} event{'s' if len(ids) > 1 else ''} {_listed(ids)} came after everything around was sealed."
    return [Finding(Fault.UNSEALED_EVENT, None, tuple(ids), text)]


def _changed(batch: Batch, events: Sequence[Event]) -> Finding:
    there = {event["id"] for event in events}
    gone = tuple(one for first, last in batch.spans for one in range(first, last + 1) if one not in there)
    if gone:
        text = f"Of batch {batch.number}, sealed at {batch.sealed_at}, events {_listed(gone)} are gone."
        return Finding(Fault.MISSING_EVENT, batch.number, gone, text)
    where = _told(batch.spans)
    text = f"Batch {batch.number}, sealed at {batch.sealed_at} over events {where}, was changed, or one of its events."
    return Finding(Fault.CHANGED_EVENT, batch.number, (), text)


def _listed(ids: Sequence[int]) -> str:
    return _told(spans_of(sorted(ids)))


def _told(spans: Sequence[tuple[int, int]]) -> str:
    told = [str(first) if first == last else f"{first}–{last}" for first, last in spans[:5]]
    return ", ".join(told) + (" …" if len(spans) > 5 else "")


def _seal(digest: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"hallpass-audit-seal\n" + digest, "sha256")
