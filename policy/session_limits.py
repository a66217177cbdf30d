"""The limits of a session: what it activates of its person's roles, by how she proved herself and through whom."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from policy.caller import PersonCaller
from policy.facts import Level, Organization, Person, Years
from policy.grant import Access, Grant
from policy.grants import access_of
from policy.ids import OrganizationId
from policy.pack import Reach
from policy.packs import Packs
from policy.second_step import of_caller


def access_in_session(
    person: Person, caller: PersonCaller, packs: Packs, years: Years, today: date, *, required: bool
) -> Access:
    """What the person may do in all her roles; the caller herself no more than her session or token activates.

    Whatever works a caller's access out anew goes this way, so that no surface forgets one of its limits. `required`:
    the deployment holds roles to their second step.
    """
    whole = access_of(of_caller(person, caller, required=required), packs, years, today)
    return inside_lea(whole, caller.lea) if person.id == caller.user else whole


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
