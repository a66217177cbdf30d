"""What the help desk is told of an account beside its status: the last failed sign-in, and the links that were sent."""

from functools import partial

from policy.ids import UserId
from resolvers.asking import Asking
from store.help_desk import FailureRecord, LinkRecord, last_failure_of, links_of

__all__ = ["FailureRecord", "LinkRecord", "last_failure", "links"]


async def last_failure(asking: Asking, user: UserId) -> FailureRecord | None:
    return await asking.reads.run(partial(last_failure_of, user=user))


async def links(asking: Asking, user: UserId) -> list[LinkRecord]:
    """The newest first."""
    return await asking.reads.run(partial(links_of, user=user))
