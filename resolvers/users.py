"""Users as facts: whom a change or an explanation is about."""

from collections.abc import Mapping, Sequence
from functools import partial

from policy.ids import UserId
from resolvers.asking import Asking
from resolvers.batches import batch_of
from store.records import UserRecord
from store.users import users_by_ids


async def by_id(asking: Asking, user: UserId) -> UserRecord | None:
    async def load(ids: Sequence[UserId]) -> Mapping[UserId, UserRecord]:
        return await asking.reads.run(partial(users_by_ids, users=ids, own=asking.own))

    return await batch_of(asking.batches, "users", load).get(user)
