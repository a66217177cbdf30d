"""What a file's staged rows would do now: compared with what is stored, judged by kinds, and reduced to a digest."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy.upload_judge import FileFacts, judge
from policy.upload_kinds import Judgement, Kind, Outcome
from resolvers.uploads.place import Workplace
from resolvers.uploads.released import mark_released_addresses
from resolvers.uploads.sender import Acting
from store.connection import Connection
from store.upload_rows import compare, forget_found, kinds_of, organizations_by_ids, still_so
from store.uploads import UploadRecord


@dataclass(frozen=True, slots=True)
class Plan:
    """Each kind of rows with its judgement, by the kind's number."""

    kinds: Mapping[int, tuple[Kind, Judgement]]

    @property
    def judged(self) -> dict[int, Judgement]:
        return {number: judgement for number, (_, judgement) in self.kinds.items()}

    @property
    def rows(self) -> int:
        return sum(kind.rows for kind, _ in self.kinds.values())

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, in the order of outcomes."""
        found: Counter[Outcome] = Counter()
        for kind, judgement in self.kinds.values():
            found[judgement.outcome] += kind.rows
        return {outcome.value: found[outcome] for outcome in Outcome if found[outcome]}

    @property
    def digest(self) -> bytes:
        """The same for the same rows with the same outcomes for the same accounts and assignments."""
        parts = sorted(
            f"{kind.first_row} {kind.rows} {kind.print} {kind.role} {kind.organization} {kind.held} {one}"
            for kind, one in self.kinds.values()
        )
        return hashlib.sha256("\n".join(parts).encode()).digest()


async def judged_plan(
    connection: Connection, upload: UploadRecord, who: Acting, at: Workplace, as_of: int | None = None
) -> Plan:
    """The plan for all staged rows: a constant number of statements, one judgement for each kind of rows.

    `as_of`: the access version as of which they were compared before; what still is so isn't compared again.
    """
    if as_of is None or not await still_so(connection, upload.id, as_of):
        await forget_found(connection, upload.id)
        await compare(connection, upload.id, upload.program, upload.school_year, upload.sender.user)
    await mark_released_addresses(connection, upload.id, at.address_hash, at.now)
    kinds = await kinds_of(connection, upload.id, upload.sender.user)
    named = {one.organization for one in kinds if one.organization is not None}
    facts = FileFacts(
        who.actor, upload.program, upload.school_year, await organizations_by_ids(connection, named), at.packs, at.years
    )
    return Plan(await asyncio.to_thread(_judged, kinds, facts))


def _judged(kinds: Sequence[Kind], facts: FileFacts) -> dict[int, tuple[Kind, Judgement]]:
    return {kind.number: (kind, judge(kind, facts)) for kind in kinds}
