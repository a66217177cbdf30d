"""A context: the role under which somebody acts, and the one organization to which she may have narrowed it (S4-06)."""

from dataclasses import dataclass

from policy.grant import Access, ActiveRole, narrowed_to_place, under
from policy.ids import OrganizationId


@dataclass(frozen=True, slots=True)
class Context:
    """`role` None: none was chosen; `place` None: wherever the role is held."""

    role: ActiveRole | None
    place: OrganizationId | None = None


def is_held(context: Context, access: Access) -> bool:
    """Whether the person holds the role now and, where it is narrowed, at that organization."""
    if context.role not in access.roles():
        return False
    here = narrowed_to_place(under(access, context.role), context.place)
    return bool(here.effective)
