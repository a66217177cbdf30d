"""Levels of the Smarter Balanced hierarchy in both of their spellings, and where an organization of ours stands in it.

Tenancy chains write DISTRICT_GROUP; the permission service, the user search and the scoring system write
GROUPOFDISTRICTS. A chain in the second spelling is not understood by RDW, a query in the first one not by the others.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policy.facts import Level


class Tier(StrEnum):
    """A level as tenancy chains spell it, widest first."""

    CLIENT = "CLIENT"
    STATE_GROUP = "STATE_GROUP"
    STATE = "STATE"
    DISTRICT_GROUP = "DISTRICT_GROUP"
    DISTRICT = "DISTRICT"
    INSTITUTION_GROUP = "INSTITUTION_GROUP"
    INSTITUTION = "INSTITUTION"

    @property
    def entity(self) -> str:
        """As the permission service and the user search spell it."""
        return _ENTITIES.get(self, self.value)

    @property
    def description(self) -> str:
        """As the permission service names it to people."""
        return _DESCRIPTIONS[self]


_ENTITIES: Final[Mapping[Tier, str]] = MappingProxyType(
    {
        Tier.STATE_GROUP: "GROUPOFSTATES",
        Tier.DISTRICT_GROUP: "GROUPOFDISTRICTS",
        Tier.INSTITUTION_GROUP: "GROUPOFINSTITUTIONS",
    }
)
_DESCRIPTIONS: Final[Mapping[Tier, str]] = MappingProxyType(
    {
        Tier.CLIENT: "Client",
        Tier.STATE_GROUP: "Group of States",
        Tier.STATE: "State",
        Tier.DISTRICT_GROUP: "Group of Districts",
        Tier.DISTRICT: "District",
        Tier.INSTITUTION_GROUP: "Group of Institutions",
        Tier.INSTITUTION: "Institution",
    }
)
TIER_OF: Final[Mapping[Level, Tier]] = MappingProxyType(
    {Level.STATE: Tier.STATE, Level.LEA: Tier.DISTRICT, Level.SCHOOL: Tier.INSTITUTION}
)
"""Where organizations stand. Groups have no counterpart here, so no chain is ever held at one."""
LEVEL_OF: Final[Mapping[Tier, Level]] = MappingProxyType({tier: level for level, tier in TIER_OF.items()})


def tier_named(text: str) -> Tier | None:
    """The level in either spelling, in whatever case; None: it is none."""
    asked = text.strip().upper()
    return next((tier for tier in Tier if asked in (tier.value, tier.entity)), None)
