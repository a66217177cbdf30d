"""Changes by a token: which relying parties may carry them out for a person, and how fresh her sign-in must be."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from policy.gates import OWN_SYSTEM
from policy.ids import System

RECENT: Final = timedelta(minutes=10)
"""How long ago a person may have proved who she is, last, where a change wants a fresh sign-in."""


def is_recent(auth_time: datetime | None, now: datetime) -> bool:
    return auth_time is not None and now - auth_time <= RECENT


def client_lacks(
    *,
    first_party: bool,
    systems: Collection[System],
    grants: Collection[str],
    proves_itself: bool,
    in_union: bool,
) -> tuple[str, str] | None:
    """The field, and why such a client may not have `directory.manage`; None: it may.

    `proves_itself`: by a secret, a key, or tokens that are bound to a key (RFC 9449). `in_union`: it is told of all of
    a person's roles together, so that nobody acts under one.
    """
    if not first_party:
        return "firstParty", "is for the state's own clients"
    if OWN_SYSTEM not in systems:
        return "systems", f"is for clients of the system {OWN_SYSTEM}"
    if "authorization_code" not in grants:
        return "grantTypes", "needs a person, who comes with authorization_code"
    if not proves_itself:
        return "dpopBound", "is for clients that prove themselves"
    if in_union:
        return "roleMode", "needs the one role that a person acts under"
    return None
