"""The life of an account: what each state allows, what it becomes, and why not, as one table (accounts 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policy.facts import UserStatus


class AccountAction(StrEnum):
    """Everything that is done with an account and depends on its state."""

    SIGN_IN = "sign-in"
    ACCEPT_INVITATION = "accept-invitation"
    RESET_OWN = "reset-own"
    """Asking for a link oneself; whatever is answered to the asker, only an allowed one gets a link (S0-21)."""
    USE_RESET_LINK = "use-reset-link"
    CHANGE_OWN = "change-own"
    """Her own password, phone or address, signed in."""
    RESET = "reset"
    """By somebody else (S0-19, S0-20, S0-51)."""
    RESET_SECOND_FACTOR = "reset-second-factor"
    RESEND_INVITATION = "resend-invitation"
    RECEIVE_ROLE = "receive-role"
    FILE_ROW = "file-row"
    """A row of an uploaded file that gives or confirms a role."""
    LOSE_ROLE = "lose-role"
    """One of several."""
    LOSE_LAST_ROLE = "lose-last-role"
    """By removal or by the year's end (S0-38)."""
    EDIT = "edit"
    CHANGE_EMAIL = "change-email"
    """By somebody else, because the old address is lost."""
    SUSPEND = "suspend"
    LIFT = "lift"
    """End a suspension: the account is again what it was before."""
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class AccountRefusal:
    """Why the state of an account doesn't allow it: a code, the rule's number, a sentence, and what to do."""

    code: str
    rule: str
    message: str
    remedy: str


Outcome = UserStatus | AccountRefusal
"""The state that the account then has, or why not."""

_INVITED = AccountRefusal(
    "INVITED", "S0-25", "The invitation hasn't been accepted yet.", "Send the invitation again.",
)  # fmt: skip
_INACTIVE = AccountRefusal(
    "INACTIVE", "S0-21", "The account isn't active: it has no role of this year.", "Ask your coordinator for a role.",
)  # fmt: skip
_NOT_INVITED = AccountRefusal(
    "NOT_INVITED", "S0-25", "The account has been used already: no invitation is open.", "Reset the password instead.",
)  # fmt: skip
_SUSPENDED = AccountRefusal(
    "SUSPENDED", "accounts-5", "The account is suspended; only lifting the suspension ends that.",
    "Ask whoever suspended it, somebody above, or the help desk.",
)  # fmt: skip
_NOT_SUSPENDED = AccountRefusal(
    "NOT_SUSPENDED", "accounts-5", "The account isn't suspended.", "Nothing is to be done.",
)  # fmt: skip
_DELETED = AccountRefusal(
    "DELETED", "S0-54", "The account was deleted.", "Create a new one; a user's id never returns."
)

_A, _I, _N, _S, _D = (
    UserStatus.ACTIVE, UserStatus.INVITED, UserStatus.INACTIVE, UserStatus.SUSPENDED, UserStatus.DELETED,
)  # fmt: skip
_STATES: Final = (_I, _A, _N, _S)

_ROWS: Final[dict[AccountAction, tuple[Outcome, Outcome, Outcome, Outcome]]] = {
    #                                    invited        active           inactive         suspended
    AccountAction.SIGN_IN:             (_INVITED,       _A,              _INACTIVE,       _SUSPENDED),
    AccountAction.ACCEPT_INVITATION:   (_A,             _NOT_INVITED,    _NOT_INVITED,    _SUSPENDED),
    AccountAction.RESET_OWN:           (_INVITED,       _A,              _INACTIVE,       _SUSPENDED),
    AccountAction.USE_RESET_LINK:      (_INVITED,       _A,              _INACTIVE,       _SUSPENDED),
    AccountAction.CHANGE_OWN:          (_INVITED,       _A,              _INACTIVE,       _SUSPENDED),
    AccountAction.RESET:               (_INVITED,       _A,              _A,              _SUSPENDED),
    AccountAction.RESET_SECOND_FACTOR: (_INVITED,       _A,              _N,              _SUSPENDED),
    AccountAction.RESEND_INVITATION:   (_I,             _NOT_INVITED,    _NOT_INVITED,    _SUSPENDED),
    AccountAction.RECEIVE_ROLE:        (_I,             _A,              _A,              _SUSPENDED),
    AccountAction.FILE_ROW:            (_I,             _A,              _A,              _SUSPENDED),
    AccountAction.LOSE_ROLE:           (_I,             _A,              _N,              _S),
    AccountAction.LOSE_LAST_ROLE:      (_I,             _N,              _N,              _S),
    AccountAction.EDIT:                (_I,             _A,              _N,              _S),
    AccountAction.CHANGE_EMAIL:        (_I,             _A,              _N,              _SUSPENDED),
    AccountAction.SUSPEND:             (_S,             _S,              _S,              _SUSPENDED),
    AccountAction.LIFT:                (_NOT_SUSPENDED, _NOT_SUSPENDED,  _NOT_SUSPENDED,  _A),
    AccountAction.DELETE:              (_D,             _D,              _D,              _D),
}  # fmt: skip

ACCOUNTS: Final[Mapping[tuple[UserStatus, AccountAction], Outcome]] = MappingProxyType(
    {
        (status, action): outcome
        for action, row in _ROWS.items()
        for status, outcome in zip((*_STATES, _D), (*row, _DELETED), strict=True)
    }
)
"""What each state allows, and what the account then is; whoever may do it is delegation's to say."""


def account_refusal(status: UserStatus, action: AccountAction) -> AccountRefusal | None:
    """Why an account of this state doesn't allow the action; None: it does."""
    outcome = ACCOUNTS[status, action]
    return outcome if isinstance(outcome, AccountRefusal) else None


def allows(status: UserStatus, action: AccountAction) -> bool:
    return account_refusal(status, action) is None


def status_after(status: UserStatus, action: AccountAction, before_suspension: UserStatus | None = None) -> UserStatus:
    """What the account is after the action. Raises ValueError where its state doesn't allow it.

    `before_suspension`: for lifting, what it was when it was suspended; None: active.
    """
    outcome = ACCOUNTS[status, action]
    if isinstance(outcome, AccountRefusal):
        raise ValueError(f"An account that is {status} doesn't allow {action}: {outcome.message}")
    back = before_suspension if before_suspension in (UserStatus.INVITED, UserStatus.INACTIVE) else None
    return back if back is not None and action is AccountAction.LIFT else outcome


def states_allowing(action: AccountAction) -> frozenset[UserStatus]:
    """The states from which the action is possible: what a statement compares with."""
    return frozenset(status for status in UserStatus if allows(status, action))
