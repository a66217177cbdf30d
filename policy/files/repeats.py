"""Rows of one file that collide: the same row twice, two roles at one place, one mailbox or name written two ways."""

from typing import NamedTuple

from policy.files.addresses import without_tag
from policy.files.faults import Fault, warning
from policy.files.format import Field
from policy.files.key_table import KeyTable
from policy.files.known import FileKnowledge
from policy.files.place import Said
from policy.files.rows import Action, OrganizationRef
from policy.ids import RoleSlug

_MOST_TAGGED = 100_000


class Found(NamedTuple):
    """A collision, and the field whose column tells it."""

    field: Field
    fault: Fault


class Repeats:
    """Asked for each good row, in the order of the file."""

    def __init__(self, known: FileKnowledge) -> None:
        self._known = known
        self._places = KeyTable()
        self._people = KeyTable()
        self._roles: list[Said] = []
        self._role_numbers: dict[RoleSlug, int] = {}
        self._tagged: dict[int, int] = {}

    def of(self, number: int, key: str, said: Said, role: int, there: int, person: int) -> list[Found] | None:
        """What collides with earlier rows; None: nothing.

        `key`: the address for comparison. `role`: its `number`. `there`: `where` of its organizations. `person`: a hash
        of its name and telephone number.
        """
        row = number << 32
        mark = person & 0x7FFFFFFF
        if said.action is Action.DELETE:
            earlier = self._places.first(hash((key, there, said.slug)), row | role)
        else:
            earlier = self._places.first(hash((key, there)), row | role)
        who = hash(key)
        known = self._people.first(who, row | mark)
        plain = not earlier and (not known or known & 0xFFFFFFFF == mark)
        if plain and not self._tagged and "+" not in key and not self._known.single_level:
            return None
        found = self._roles_told(number, key, said, earlier)
        if known and known & 0xFFFFFFFF != mark:
            note = f"The name or telephone number isn't that of row {known >> 32}, which has the same address."
            found.append(_noted(Field.LAST_NAME, "differs-in-file", "accounts-3", note, "Correct one", known >> 32))
        box = 0 if known else self._same_mailbox(number, key, who)
        if box:
            note = f"The address differs from that of row {box} only behind the +: both reach the same mailbox."
            found.append(_noted(Field.EMAIL, "same-mailbox", "files", note, "Make sure they are two persons", box))
        return found or None

    def number(self, said: Said) -> int:
        """A number for the role, to be asked for once for each."""
        found = self._role_numbers.get(said.slug)
        if found is None:
            found = self._role_numbers[said.slug] = len(self._roles)
            self._roles.append(said)
        return found

    def _roles_told(self, number: int, key: str, said: Said, earlier: int) -> list[Found]:
        if earlier:
            return [self._same_place(earlier >> 32, self._roles[earlier & 0xFFFFFFFF], said)]
        if not self._known.single_level or said.action is Action.DELETE:
            return []
        role = self.number(said)
        before = self._people.first(hash((key, "role")), number << 32 | role)
        if not before or before & 0xFFFFFFFF == role:
            return []
        return [self._two_roles(before >> 32, self._roles[before & 0xFFFFFFFF], said, "in this file, and may have one")]

    def _same_place(self, row: int, before: Said, said: Said) -> Found:
        if before.slug == said.slug:
            message = f"The row repeats row {row}: the same person, role and organization."
            return Found(Field.EMAIL, Fault("repeated-row", "files", message, "Remove one of them.", other_row=row))
        return self._two_roles(row, before, said, "at this organization")

    def _two_roles(self, row: int, before: Said, said: Said, where: str) -> Found:
        message = f"The person has two roles {where}: “{before.label}” in row {row}, “{said.label}” here."
        remedy = "Remove one of the two rows, or give another person's address in one."
        wider = self._wider(before, said)
        if wider is not None:
            less = said if wider is before else before
            remedy = f"“{wider.label}” gives all that “{less.label}” does: remove the row of the latter."
        return Found(Field.ROLE, Fault("two-roles", "S0-41", message, remedy, other_row=row))

    def _wider(self, one: Said, other: Said) -> Said | None:
        contains = self._known.contains
        if contains is None:
            return None
        if contains(one.slug, other.slug):
            return one
        return other if contains(other.slug, one.slug) else None

    def _same_mailbox(self, number: int, key: str, who: int) -> int:
        """The row of another address that is delivered to the same mailbox; 0: none is known."""
        if "+" not in key:
            return self._tagged.get(who, 0)
        box = hash(without_tag(key))
        row = self._people.find(box) >> 32 or self._tagged.get(box, 0)
        if len(self._tagged) < _MOST_TAGGED:
            self._tagged.setdefault(box, number)
        return row


def where(organizations: tuple[OrganizationRef, ...]) -> int:
    """A hash of the organizations, to be worked out once for each."""
    return hash(tuple(str(part) for ref in organizations for part in ref))


def _noted(field: Field, code: str, rule: str, message: str, remedy: str, row: int) -> Found:
    return Found(field, warning(code, rule, message, f"{remedy}, or leave it so.")._replace(other_row=row))
