"""How four components read tenancy chains, written anew from their documented rules; none of our own code is used."""

from dataclasses import dataclass

RDW_PLACES = {
    "CLIENT": 4, "STATE_GROUP": 6, "STATE": 8, "DISTRICT_GROUP": 10, "DISTRICT": 12, "INSTITUTION_GROUP": 14,
    "INSTITUTION": 16,
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """One grant as a component understands it."""

    role: str
    level: str
    entity: str


class UnreadableError(ValueError):
    """The component refuses the chain."""


def shared_security(text: str) -> list[Read]:
    """SharedSecurity: the whole text is split at every pipe and cut into blocks of 18, each beginning with what is
    between two chains; one pipe too few shifts all that follow."""
    tokens = text.split("|")
    found: list[Read] = []
    for number in range(len(tokens) // 18):
        block = tokens[number * 18 : number * 18 + 18]
        place = RDW_PLACES[block[3]]
        found.append(Read(block[2], block[3], block[place]))
    return found


def rdw(text: str) -> list[Read]:
    """RDW's Grant: the attribute is split at `|,|`; the entity's id must be that of its level's own field."""
    found: list[Read] = []
    for part in text.split("|,|"):
        tokens = ("|" + part.removeprefix("|")).split("|")
        level = tokens[3].upper()
        place = RDW_PLACES[level]
        if len(tokens) <= place:
            raise UnreadableError("invalid tenancy chain")
        if tokens[1] != tokens[place]:
            raise UnreadableError("entity id should match the id of the appropriate field")
        found.append(Read(tokens[2], level, tokens[1]))
    return found


def hand_scoring(chains: list[str]) -> list[Read]:
    """THSS: the first character goes, then exactly 17 pipes must be left; levels in the second spelling only."""
    found: list[Read] = []
    for one in chains:
        rest = one[1:]
        if rest.count("|") != 17:
            raise UnreadableError("missing entries in tenancy chain")
        fields = rest.split("|")
        places = {"CLIENT": 3, "GROUPOFSTATES": 5, "STATE": 7, "GROUPOFDISTRICTS": 9, "DISTRICT": 11}
        places |= {"GROUPOFINSTITUTIONS": 13, "INSTITUTION": 15}
        found.append(Read(fields[1], fields[2], fields[places[fields[2]]]))
    return found


def data_warehouse(chains: list[str]) -> list[Read]:
    """RDW_DataWarehouse: without its outer pipes a chain has exactly 17 items."""
    found: list[Read] = []
    for one in chains:
        items = one[1:-1].split("|")
        if len(items) != 17:
            raise UnreadableError("chain items count")
        place = {"CLIENT": 3, "STATE": 7, "DISTRICT": 11, "INSTITUTION": 15}[items[2]]
        found.append(Read(items[1], items[2], items[place]))
    return found
