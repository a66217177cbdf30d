"""The tenancy chain: one role at one place, in 17 fields between 18 pipes (SBAC SSO design, version 2.0, p. 13).

    |RoleID|Name|Level|ClientID|Client|GroupOfStatesID|GroupOfStates|StateID|State|GroupOfDistrictsID|GroupOfDistricts|
    DistrictID|District|GroupOfInstitutionsID|GroupOfInstitutions|InstitutionID|Institution|

The first field is the id of the entity at which the role is held, and equals the id in that level's own field: RDW
refuses a chain where it doesn't. Every chain has all 18 pipes: SharedSecurity cuts a joined text into blocks of 18 and
would read each chain behind a shorter one wrongly; THSS refuses it.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from policy.smarter.levels import Tier

FIELDS: Final = 17
JOINT: Final = ","
"""Between chains that are sent as one text."""
_PLACES: Final = {
    Tier.CLIENT: 3,
    Tier.STATE_GROUP: 5,
    Tier.STATE: 7,
    Tier.DISTRICT_GROUP: 9,
    Tier.DISTRICT: 11,
    Tier.INSTITUTION_GROUP: 13,
    Tier.INSTITUTION: 15,
}
"""Where a level's id stands among the fields; its name follows."""
_ALONE: Final = ";"
_CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Entity:
    """A node of the hierarchy as a chain names it."""

    tier: Tier
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Tenancy:
    """What stands above every district: the client (whose system it is) and the state."""

    client: Entity
    state: Entity


def chain(role: str, path: Iterable[Entity]) -> str | None:
    """The chain of a role held at the last entity of the path (widest first).

    None: an id or the role's name can't be written. An id is never altered, because another entity may have the
    result; so is a role's name.
    """
    entities = tuple(path)
    fields = [""] * FIELDS
    for entity in entities:
        place = _PLACES[entity.tier]
        fields[place], fields[place + 1] = entity.id, written_name(entity.name)
    last = entities[-1]
    fields[:3] = last.id, role, last.tier.value
    exact = (role, *(entity.id for entity in entities))
    return None if any(not is_writable(text) for text in exact) else f"|{'|'.join(fields)}|"


def joined(chains: Iterable[str]) -> str:
    """Several chains as the one text of a token check; '' where there is none."""
    return JOINT.join(chains)


def is_writable(text: str) -> bool:
    """Whether an id or role name stands in a chain as it is: not empty, no pipe, no blanks around it, not a comma."""
    return text != "" and text == written_name(text)


def written_name(name: str) -> str:
    """A name as a chain holds it.

    A pipe becomes a slash and a control character a blank, blanks at the ends and repeated ones are dropped, and a name
    that is nothing but a comma becomes a semicolon: between two pipes it would look like the end of a chain.
    """
    plain = "".join(" " if unicodedata.category(one) in _CONTROLS else one for one in name.replace("|", "/"))
    kept = " ".join(plain.split())
    return _ALONE if kept == JOINT else kept
