"""The limit of a session that came through an LEA's own identity provider: it activates roles of that LEA only."""

from collections.abc import Iterable
from dataclasses import replace

from policy.facts import Level, Organization
from policy.grant import Access, Grant
from policy.ids import OrganizationId
from policy.pack import Reach


def inside_lea(access: Access, lea: OrganizationId | None) -> Access:
    """The access that assignments at the LEA and its schools give; None: no limit, the same access.

    An LEA's provider speaks for its own people there and for nothing else: no role of another LEA counts, none of the
    state's, and no permission that reaches the whole state or every program, wherever it is held.
    """
    if lea is None:
        return access
    return replace(
        access,
        grants=_inside(access.grants, lea),
        withheld=tuple(
            replace(one, grants=_inside(one.grants, lea))
            for one in access.withheld
            if is_inside(one.assignment.organization, lea)
        ),
        effective=tuple(one for one in access.effective if is_inside(one.organization, lea)),
    )


def is_inside(where: Organization, lea: OrganizationId) -> bool:
    """Whether the organization is the LEA or one of its schools. The state is inside none."""
    return where.level is not Level.STATE and where.lea == lea


def _inside(grants: Iterable[Grant], lea: OrganizationId) -> tuple[Grant, ...]:
    return tuple(
        one
        for one in grants
        if is_inside(one.organization, lea) and one.reach is not Reach.STATE and not one.every_program
    )
