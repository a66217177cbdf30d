"""Student groups as facts: what an explanation is about."""

from functools import partial

from policy.ids import GroupId
from resolvers.asking import Asking
from store.groups import groups_by_ids
from store.records import StudentGroupRecord


async def by_id(asking: Asking, group: GroupId) -> StudentGroupRecord | None:
    found = await asking.reads.run(partial(groups_by_ids, ids=[group]))
    return found.get(group)
