"""What a person lets a relying party have, and whether what she allowed before covers what is asked for now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from policy.grant import ActiveRole
from policy.ids import OrganizationId, System

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is allowed at one time.

    `details`: entries of RFC 9396 to which the client narrowed its request; None: all that the role gives in `systems`.
    `role`: None where the relying party is told all roles together. `place`: where the role was narrowed to.
    """

    scopes: frozenset[str]
    systems: frozenset[System]
    details: tuple[Detail, ...] | None
    role: ActiveRole | None
    place: OrganizationId | None = None

    def digest(self, *more: object) -> bytes:
        """SHA-256 of the terms, the same for the same ones; `more`: what else was shown with them, as JSON knows it."""
        role = self.role
        parts = (
            sorted(self.scopes),
            sorted(self.systems),
            self.details,
            None if role is None else (role.program, role.role, role.school_year),
            None if self.place is None else str(self.place),
            more,
        )
        return sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def covers(given: Terms, wanted: Terms) -> bool:
    """Whether nothing is wanted beyond what was given: no scope, system, detail, role or organization more."""
    return (
        wanted.scopes <= given.scopes
        and wanted.systems <= given.systems
        and wanted.role == given.role
        and (given.place is None or wanted.place == given.place)
        and _details_cover(given.details, wanted.details)
    )


def _details_cover(given: Sequence[Detail] | None, wanted: Sequence[Detail] | None) -> bool:
    if given is None:
        return True
    return wanted is not None and all(any(_narrower(one, other) for other in given) for one in wanted)


def _narrower(wanted: Detail, given: Detail) -> bool:
    """Whether the entry lies inside the other: each member that limits that one limits it at least as much."""
    return all(name in wanted and _inside(wanted[name], limit) for name, limit in given.items())


def _inside(value: object, limit: object) -> bool:
    """A member is a text, or a list of texts."""
    if isinstance(value, str) or isinstance(limit, str):
        return value == limit
    return set(cast("Sequence[str]", value)) <= set(cast("Sequence[str]", limit))
