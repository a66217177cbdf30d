"""Asks Hallpass who may do what: copy this folder into your system. `README.md` begins with nothing."""

from .async_client import AsyncDecisionClient
from .client import DecisionClient
from .outcomes import Allowed, Cause, Denied, Outcome, Refused, RefusedError
from .questions import Question
from .settings import Settings

__all__ = [
    "Allowed",
    "AsyncDecisionClient",
    "Cause",
    "DecisionClient",
    "Denied",
    "Outcome",
    "Question",
    "Refused",
    "RefusedError",
    "Settings",
]
