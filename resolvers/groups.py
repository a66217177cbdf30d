"""Student groups as facts: what a change or an explanation is about, and whom each is assigned to."""

from collections.abc import Mapping, Sequence
from functools import partial

from policy.ids import GroupId, UserId
from resolvers.asking import Asking
from resolvers.batches import batch_of
from store.groups import groups_by_ids, users_of_groups
from store.records import StudentGroupRecord


async def by_id(asking: Asking, group: GroupId) -> StudentGroupRecord | None:
    found = await asking.reads.run(partial(groups_by_ids, ids=[group]))
    return found.get(group)


async def users_of(asking: Asking, group: GroupId) -> tuple[UserId, ...]:
    """Whom the group is assigned to."""

    async def load(ids: Sequence[GroupId]) -> Mapping[GroupId, tuple[UserId, ...]]:
        return await asking.reads.run(partial(users_of_groups, groups=ids))

    return await batch_of(asking.batches, "users of groups", load).get(group) or ()
