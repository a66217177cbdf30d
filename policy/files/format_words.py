"""What the accepted words of a format mean: actions and levels, by the words of the format file."""

from policy.facts import Level
from policy.files.rows import Action

NO_LEVEL = "none"
"""A level that other systems know and this one doesn't, such as a group of districts."""


def action_of(meaning: str) -> Action:
    """Raises ValueError, as a sentence."""
    if meaning in set(Action):
        return Action(meaning)
    raise ValueError(f"“{meaning}” is no action; write one of {', '.join(Action)}.")


def level_of(meaning: str) -> Level | None:
    """None for a level that isn't known here. Raises ValueError, as a sentence."""
    if meaning == NO_LEVEL:
        return None
    if meaning in set(Level):
        return Level(meaning)
    raise ValueError(f"“{meaning}” is no level; write one of {', '.join(Level)} or {NO_LEVEL}.")
