"""What a deployment chooses about Smarter Balanced compatibility."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway import settings_values as values


@dataclass(frozen=True, kw_only=True)
class SmarterSettings:
    """The fields of `gateway.settings.Settings` about it; without slots, which only one base of a class may have."""

    smarter_client_id: str = ""
    """The client of tenancy chains; '': the state is its own client."""
    smarter_client_name: str = ""
    smarter_state_id: str = ""
    """The state of tenancy chains as components know it; '': the code of the organization directory."""
    smarter_state_name: str = ""
    smarter_open_permissions: bool = False
    """Whether the permission service answers without a token, as components older than tokens ask it."""


def _chain_id(text: str) -> str:
    """An id stands in chains as it is written, so it must be one that they can hold."""
    if not text.isprintable() or "|" in text or text == "," or text != " ".join(text.split()):
        raise ValueError(f"is {text!r}: an id in a tenancy chain has no pipe and no double blank, and is not a comma.")
    return text


def _kept(text: str) -> str:
    return text


PARSERS: Mapping[str, values.Parser] = {
    "smarter_client_id": _chain_id,
    "smarter_client_name": _kept,
    "smarter_state_id": _chain_id,
    "smarter_state_name": _kept,
    "smarter_open_permissions": values.switch,
}
