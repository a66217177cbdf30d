"""The refusals that several operations share: each with its code, rule, sentence and remedy."""

from policy.delegation.records import Refusal
from policy.pack import Pack, Role


def unknown_role(field: str) -> Refusal:
    if field == "role":
        text = "This program has no such role in that year."
        return Refusal(field, "UNKNOWN_ROLE", "S0-29", text, "Choose one of its roles.")
    return Refusal(field, "UNKNOWN_ROLE", "S0-29", "The assignment names no role of that year.", "Ask the state.")


def own_assignment(field: str) -> Refusal:
    return Refusal(
        field, "OWN_ASSIGNMENT", "delegation-1", "Nobody changes her own roles.",
        "Ask somebody above you who may assign this role.",
    )  # fmt: skip


def own_account() -> Refusal:
    return Refusal(
        "user", "OWN_ACCOUNT", "delegation-1", "Nobody manages her own account.",
        "Change your own data on your account page, or ask somebody above you.",
    )  # fmt: skip


def derived_role(field: str, role: Role) -> Refusal:
    return Refusal(
        field, "DERIVED_ROLE", "S1-04", f"The {role.derived} decides who is {role.label}.",
        f"Have the {role.derived} change it.",
    )  # fmt: skip


def suspended_role(field: str = "assignments") -> Refusal:
    return Refusal(
        field, "SUSPENDED", "accounts-5", "The role is suspended; changing it would lift that.",
        "Have whoever suspended it, or somebody above, lift the suspension first.",
    )  # fmt: skip


def expired() -> Refusal:
    return Refusal(
        "assignments", "EXPIRED", "years", "The role is of a school year that is closed.",
        "Give it again for the current year where it is needed.",
    )  # fmt: skip


def no_authority(role: Role, pack: Pack) -> Refusal:
    givers = [
        f"{'primary ' if one.primary else ''}{pack.roles[one.role].label}"
        for one in role.assignable_by
        if one.role in pack.roles
    ]
    who = " or ".join(givers) if givers else "nobody here"
    return Refusal(
        "role", "NOT_ASSIGNABLE", "S0-30", f"Your role doesn't give {role.label} there; {who} does.",
        "Ask one of them, for this organization, program and year.",
    )  # fmt: skip


def out_of_reach() -> Refusal:
    """The same words whatever she holds elsewhere: which roles, and where, is not told."""
    return Refusal(
        "user", "OUT_OF_REACH", "accounts-3", "She has other roles that you don't manage, so her account isn't yours.",
        "Change the roles that you gave; for the account itself ask the help desk.",
    )  # fmt: skip


def not_above() -> Refusal:
    return Refusal(
        "user", "NOT_ABOVE", "delegation-5", "She holds a role that doesn't stand below yours.",
        "Ask somebody who stands above her, or the help desk.",
    )  # fmt: skip
