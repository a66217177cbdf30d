"""Rows of one file that collide: the same row twice, two roles at one place, one mailbox or name written two ways."""

from array import array
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
        self._people = KeyTable()
        """By address: the place in the arrays of what its first row said."""
        self._rows = array("I")
        self._marks = array("I")
        self._spots = array("q")
        self._roles_there = array("H")
        self._places = KeyTable()
        """By address and place, of the rows after an address's first; most addresses have one row."""
        self._roles: list[Said] = []
        self._role_numbers: dict[tuple[RoleSlug, Action], int] = {}
        self._tagged: dict[int, int] = {}

    def of(self, number: int, key: str, said: Said, role: int, there: int, person: int) -> list[Found] | None:
        """What collides with earlier rows; None: nothing.

        `key`: the address for comparison. `role`: its `number`. `there`: `where` of its organizations. `person`: a hash
        of its name and telephone number.
        """
        spot = hash((there, said.slug)) if said.action is Action.DELETE else there
        mark = person & 0xFFFFFFFF
        who = hash(key)
        known = self._people.first(who, len(self._rows) + 1) - 1
        if known >= 0:
            return self._again(number, key, said, role, spot, mark, known)
        self._rows.append(number)
        self._marks.append(mark)
        self._spots.append(spot)
        self._roles_there.append(role)
        if not self._tagged and "+" not in key:
            return None
        box = self._same_mailbox(number, key, who)
        if not box:
            return None
        note = f"The address differs from that of row {box} only behind the +: both reach the same mailbox."
        return [_noted(Field.EMAIL, "same-mailbox", "files", note, "Make sure they are two persons", box)]

    def _again(
        self, number: int, key: str, said: Said, role: int, spot: int, mark: int, known: int
    ) -> list[Found] | None:
        """A row of an address that has been there before."""
        first, first_role = self._rows[known], self._roles_there[known]
        row, before = first, first_role
        if self._spots[known] != spot:
            place = self._places.first(hash((key, spot)), number << 32 | role)
            row, before = place >> 32, place & 0xFFFFFFFF
        found: list[Found] = []
        if row:
            found.append(self._same_place(row, self._roles[before], said))
        elif self._known.single_level and _both_held(self._roles[first_role], said):
            found.append(self._two_roles(first, self._roles[first_role], said, "in this file, and may have one"))
        if self._marks[known] != mark:
            note = f"The name or telephone number isn't that of row {first}, which has the same address."
            found.append(_noted(Field.LAST_NAME, "differs-in-file", "accounts-3", note, "Correct one", first))
        return found or None

    def number(self, said: Said) -> int:
        """A number for role and action, to be asked for once for each."""
        key = (said.slug, said.action)
        found = self._role_numbers.get(key)
        if found is None:
            found = self._role_numbers[key] = len(self._roles)
            self._roles.append(said)
        return found

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
        known = self._people.find(box)
        row = self._rows[known - 1] if known else self._tagged.get(box, 0)
        if len(self._tagged) < _MOST_TAGGED:
            self._tagged.setdefault(box, number)
        return row


def _both_held(one: Said, other: Said) -> bool:
    """Whether the file gives both, and they are different roles."""
    return one.slug != other.slug and Action.DELETE not in (one.action, other.action)


def where(organizations: tuple[OrganizationRef, ...]) -> int:
    """A hash of the organizations, to be worked out once for each."""
    return hash(tuple(str(part) for ref in organizations for part in ref))


def _noted(field: Field, code: str, rule: str, message: str, remedy: str, row: int) -> Found:
    return Found(field, warning(code, rule, message, f"{remedy}, or leave it so.")._replace(other_row=row))
