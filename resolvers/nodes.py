"""`node(id:)`: whatever has the id; its type's rule says whether the caller sees it."""

from uuid import UUID

from policy.ids import AssignmentId, GroupId, OrganizationId, UserId
from resolvers import assignments, groups, organizations, users
from resolvers.asking import Asking


async def by_id(asking: Asking, identifier: UUID | None) -> object | None:
    """The row with that id, of any type; at most one statement per type."""
    if identifier is None:
        return None
    return (
        await users.by_id(asking, UserId(identifier))
        or await organizations.by_id(asking, OrganizationId(identifier))
        or await assignments.by_id(asking, AssignmentId(identifier))
        or await groups.by_id(asking, GroupId(identifier))
    )
