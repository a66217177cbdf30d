"""What a person holds may stand against a further role: one role at one organization, one level, nothing unneeded."""

from collections.abc import Iterable, Iterator

from policy.delegation.comparison import compared, gives_all
from policy.delegation.records import Refusal
from policy.facts import Assignment
from policy.ids import OrganizationId, RoleSlug
from policy.pack import AccountPolicy, Pack, Role
from policy.packs import Packs


def beside(
    held: Iterable[Assignment], role: Role, where: OrganizationId, pack: Pack, packs: Packs
) -> Iterator[Refusal]:
    """Why the role can't be given beside those held in the same program and year.

    Superintendents and additions stand outside of the rule of one role (accounts 1).
    """
    known = [(one, other) for one in held if (other := pack.roles.get(one.role)) is not None]
    for one, other in known:
        here = one.organization.id == where
        if here and other.slug == role.slug:
            yield Refusal(
                "role", "ALREADY_HELD", "S0-12", f"She is {role.label} there already.", "Nothing is to be done."
            )
        elif role.addition and gives_all(other, role, pack, packs):
            yield _unnecessary(role, other)
        elif here and not _outside(role, other, pack, packs):
            yield _second_role(role, other, pack, packs)
    single = pack.account_policy is AccountPolicy.SINGLE_LEVEL and not role.addition
    if single and any(other.slug != role.slug and not other.addition and not other.derived for _, other in known):
        yield _single_level()
    for one in held:
        if one.organization.id == where and one.role not in pack.roles:
            yield _unknown_beside(one.role)


def _outside(role: Role, other: Role, pack: Pack, packs: Packs) -> bool:
    if other.derived:
        return True
    if role.addition:
        return True
    return other.addition and not gives_all(role, other, pack, packs)


def _unnecessary(role: Role, other: Role) -> Refusal:
    return Refusal(
        "role", "UNNECESSARY", "S1-25", f"She is {other.label}, which includes all that {role.label} gives.",
        "Nothing is to be done.",
    )  # fmt: skip


def _second_role(role: Role, other: Role, pack: Pack, packs: Packs) -> Refusal:
    if other.addition:
        return Refusal(
            "role", "SECOND_ROLE", "S1-25", f"She is {other.label} there, and {role.label} includes what that gives.",
            f"Remove {other.label} first, then give {role.label}.",
        )  # fmt: skip
    which, remedy = compared(other, role, pack, packs)
    return Refusal(
        "role", "SECOND_ROLE", "S0-12",
        f"She is {other.label} there, and one role of a program is held at one organization. {which}", remedy,
    )  # fmt: skip


def _single_level() -> Refusal:
    return Refusal(
        "role", "SINGLE_LEVEL", "S0-10", "In this year an account holds one role, at any number of organizations.",
        "Use another e-mail address for the other role.",
    )  # fmt: skip


def _unknown_beside(slug: RoleSlug) -> Refusal:
    return Refusal(
        "role", "SECOND_ROLE", "S0-12", f"She holds {slug} there, a role that this year doesn't know.",
        "Remove it first.",
    )  # fmt: skip
