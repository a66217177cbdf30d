"""Mutations that a token of scope directory.manage may carry out: people, their roles and student groups.

All others need a person's own session: what is about her own account, passwords and second steps of others, secrets,
files, identity providers, and whatever the state does for everybody.
"""

from typing import Final

from policy.access import AccessTarget, AnyOf

MANAGED: Final = frozenset(
    {
        "createUser", "updateUser", "deactivateUser", "reactivateUser", "deleteUser", "resendInvitation",
        "assignRole", "updateAssignment", "removeRoles", "designatePrimaryCoordinator",
        "setContact", "recordCredential", "removeCredential", "remindUnsigned",
        "createStudentGroup", "renameStudentGroup", "assignStudentGroup", "deleteStudentGroup",
        "startAccessReview", "answerReviewItem",
    }
)  # fmt: skip


def for_others(any_of: AnyOf) -> AnyOf:
    """The rule without what one may do for oneself, and without what the state's own roles may: a session's alone."""
    own = (AccessTarget.SELF, AccessTarget.STATE)
    return tuple(one for one in any_of if one.permission is not None and one.of not in own)
