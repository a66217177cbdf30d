"""What a kind of caller could ever see: the fingerprint of her permissions, by which plans are kept."""

from dataclasses import dataclass, field

from policy.access import AccessRule, AnyOf, may_ever
from policy.caller import Anonymous, Caller, PersonCaller, SystemCaller
from schema.access_table import AccessTable


@dataclass(frozen=True, slots=True)
class Sight:
    """Which of the schema's rules could hold for some row at all. Callers of equal sight share their plans."""

    kind: str
    cut: bool
    """Whether answers are cut to the caller's systems."""
    possible: frozenset[AccessRule] = field(hash=True)

    def may_ever(self, rules: tuple[AnyOf, ...]) -> bool:
        """Whether there could be a row for which all of the rules hold."""
        return all(any(one in self.possible for one in any_of) for any_of in rules)

    def implied(self, any_of: AnyOf, known: tuple[AnyOf, ...]) -> bool:
        """Whether the rule holds wherever all of `known` do: each way to one of these is a way to it."""
        ways = frozenset(any_of) & self.possible
        return any(possible and possible <= ways for one in known if (possible := frozenset(one) & self.possible))


def rules_in(table: AccessTable) -> tuple[AccessRule, ...]:
    """Every rule of a schema, once."""
    found: dict[AccessRule, None] = {}
    for rules in table.values():
        by_type = (one for _, of_type in rules.result_by_type for one in of_type)
        inputs = (one for given in rules.inputs for one in given.rules)
        for any_of in (*rules.own, *rules.result, *by_type, *inputs):
            found.update(dict.fromkeys(any_of))
    return tuple(found)


def sight_of(caller: Caller, rules: tuple[AccessRule, ...]) -> Sight:
    """`rules`: all of the schema's."""
    possible = frozenset(one for one in rules if may_ever(caller, (one,)))
    match caller:
        case Anonymous():
            return Sight("anonymous", cut=False, possible=possible)
        case SystemCaller():
            return Sight("system", cut=True, possible=possible)
        case PersonCaller():
            return Sight("person", cut=caller.systems is not None, possible=possible)
