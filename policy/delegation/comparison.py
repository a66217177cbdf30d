"""Two roles at one organization compared by what they give: which contains the other, or what each would lose."""

from collections.abc import Iterator
from typing import Final

from policy.pack import GrantSpec, Pack, Reach, Role
from policy.packs import Packs

_WIDER: Final[dict[Reach, frozenset[Reach]]] = {
    Reach.STATE: frozenset(Reach),
    Reach.LEA: frozenset({Reach.LEA, Reach.SCHOOLS, Reach.SITE, Reach.ROSTER, Reach.ASSIGNED, Reach.SELF}),
    Reach.SCHOOLS: frozenset({Reach.SCHOOLS, Reach.SELF}),
    Reach.SITE: frozenset({Reach.SITE, Reach.ROSTER, Reach.ASSIGNED, Reach.SELF}),
    Reach.ROSTER: frozenset({Reach.ROSTER, Reach.SELF}),
    Reach.ASSIGNED: frozenset({Reach.ASSIGNED, Reach.SELF}),
    Reach.SELF: frozenset({Reach.SELF}),
}
"""The reaches that each contains, from the same organization."""
_MOST_NAMED: Final = 3


def gives_all(one: Role, other: Role, pack: Pack, packs: Packs) -> bool:
    """Whether the first role, held at the same organization, gives everything that the second gives."""
    return not any(_lost(other, one, pack, packs))


def compared(held: Role, asked: Role, pack: Pack, packs: Packs) -> tuple[str, str]:
    """A sentence on which of the two gives more, and what to do (S0-12)."""
    if gives_all(held, asked, pack, packs):
        return f"{held.label} gives all that {asked.label} gives.", f"Keep {held.label}; nothing is to be done."
    if gives_all(asked, held, pack, packs):
        text = f"{asked.label} gives all that {held.label} gives."
        return text, f"Remove {held.label}, then give {asked.label}."
    without_held = _named(_lost(held, asked, pack, packs))
    without_asked = _named(_lost(asked, held, pack, packs))
    text = f"{asked.label} alone would lose: {without_held}. {held.label} alone would lack: {without_asked}."
    return text, f"Keep {held.label}, or remove it and give {asked.label}."


def _lost(role: Role, left: Role, pack: Pack, packs: Packs) -> Iterator[str]:
    """What the one role gives and the other doesn't, in the vocabulary's words, each once."""
    rest = [spec for _, spec in packs.specs(pack, left.slug)]
    told: set[str] = set()
    for _, spec in packs.specs(pack, role.slug):
        if not _contained(spec, rest):
            label = packs.vocabulary[spec.permission].label
            if label not in told:
                told.add(label)
                yield label


def _contained(spec: GrantSpec, among: list[GrantSpec]) -> bool:
    """Whether the others together give it: kinds of assessment add up, nothing else does."""
    wider = [
        one
        for one in among
        if one.permission == spec.permission
        and spec.reach in _WIDER[one.reach]
        and one.upcoming >= spec.upcoming
        and _includes(one.reports, spec.reports)
        and _includes(one.about_roles, spec.about_roles)
    ]
    if not wider or any(not one.assessments for one in wider):
        return bool(wider)
    return bool(spec.assessments) and spec.assessments <= frozenset[str]().union(*(one.assessments for one in wider))


def _includes(one: frozenset[str], other: frozenset[str]) -> bool:
    """Of names that narrow: none means all."""
    return not one or (bool(other) and other <= one)


def _named(lost: Iterator[str]) -> str:
    names = list(lost)
    more = len(names) - _MOST_NAMED
    return "; ".join(names[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
