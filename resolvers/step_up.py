"""Step-up: what can't be undone wants a person who has proved herself a moment ago, not a session left open."""

from policy.caller import PersonCaller
from policy.managing import RECENT, is_recent
from policy.second_step import AAL2
from resolvers.asking import Clock
from resolvers.writing import UserError


def step_up_missing(caller: PersonCaller, clock: Clock, *, second_step: bool = False) -> UserError | None:
    """Why she has to sign in once more first; None: she has just done so.

    `second_step`: it is an act of the state's roles, and the deployment holds roles to their second step: nothing
    below AAL2 is enough (decisions, state).
    """
    if second_step and caller.acr != AAL2:
        text = "This needs a sign-in with a second step."
        return UserError(["input"], "STEP_UP", None, text, "Sign in with your second step, then repeat it.")
    if is_recent(caller.auth_time, clock.now):
        return None
    minutes = int(RECENT.total_seconds() // 60)
    return UserError(
        ["input"], "STEP_UP", None, f"This needs a sign-in of the last {minutes} minutes.",
        "Sign in again in this browser, then repeat it.",
    )  # fmt: skip
