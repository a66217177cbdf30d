"""The access rules of what the state's own staff do."""

from policy.access import AccessTarget as Target
from resolvers.confirmations import ConfirmationKind
from schema.directives import access, any_of, rule
from schema.rules import STATE_ACCOUNTS

STATE_PROGRAMS = "hallpass:state:programs"
STATE_PRIVACY = "hallpass:state:privacy"

RUN_STATE = access(rule(STATE_PROGRAMS, Target.STATE))
"""The state's roles and the cells of packs: whoever may change what roles are given could give herself anything, so
it is the same people.
"""

KEEP_PRIVACY = access(rule(STATE_PRIVACY, Target.STATE))
"""Exports and erasure."""

CONFIRM = access(rule(STATE_PROGRAMS, Target.STATE), rule(STATE_PRIVACY, Target.STATE))
"""Each kind of request has its own rule in addition."""

HELP_DESK = access(rule(STATE_ACCOUNTS, Target.STATE))
"""Why somebody couldn't sign in, and the links that were sent to her: never shown to the person who tries."""

CONFIRM_KINDS = {
    ConfirmationKind.GRANT_STATE_ROLE: any_of(RUN_STATE),
    ConfirmationKind.REMOVE_STATE_ROLE: any_of(RUN_STATE),
    ConfirmationKind.CELL_OVERRIDE: any_of(RUN_STATE),
    ConfirmationKind.ERASE_PERSON: any_of(KEEP_PRIVACY),
}
