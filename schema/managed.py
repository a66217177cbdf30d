"""Mutations that a token of scope directory.manage may carry out: those of single roles, and nothing of an account.

A token has one role at one place, and such a change is judged by that role there. Whatever is about a whole account
(who somebody is, whether she may come in) is judged by all roles of whoever acts, so it needs her own session; so do
her own account, passwords and second steps of others, secrets, files, and what the state does for everybody.
"""

from typing import Final

from policy.access import AccessTarget, AnyOf

MANAGED: Final = frozenset({"assignRole", "updateAssignment", "removeRoles", "designatePrimaryCoordinator"})


def for_others(any_of: AnyOf) -> AnyOf:
    """The rule without what one may do for oneself, and without what the state's own roles may: a session's alone."""
    own = (AccessTarget.SELF, AccessTarget.STATE)
    return tuple(one for one in any_of if one.permission is not None and one.of not in own)
