"""What the programs' rules allow, said a second time and in another way: tables and sets, no code of the product."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.graphql.world import BEACH, NEXT_YEAR
from tests.oidc.world import HILL, LEA, OTHER_LEA, PARK, STATE, YEAR

LEAD, PRIMARY, SUPER, SITE = "lea-coordinator", "primary lea-coordinator", "superintendent", "site-coordinator"
T4T = "tools-for-teachers-only"
_SCHOOL = {
    "caaspp": {
        "test-administrator", "test-examiner", "ia-administrator", "educator-test-site", "educator-roster", T4T,
    },
    "elpac": {"test-examiner", "ia-administrator", T4T},
}  # fmt: skip
_LEA_ONLY = {"caaspp": {SITE, "educator-district"}, "elpac": {SITE, "ls-correspondence-administrator", "ls-data-entry"}}
ROLES = {program: sorted({LEAD, SITE} | _SCHOOL[program] | _LEA_ONLY[program]) for program in _SCHOOL}
PLACES = {"lea": LEA, "park": PARK, "hill": HILL, "other": OTHER_LEA, "beach": BEACH, "state": STATE}
_INSIDE = {LEA: {LEA, PARK, HILL}, OTHER_LEA: {OTHER_LEA, BEACH}}
_LEA_OF = {PARK: LEA, HILL: LEA, BEACH: OTHER_LEA, LEA: LEA, OTHER_LEA: OTHER_LEA}
IDENTITY = ("email_key", "first_name", "last_name", "phone", "fax", "password_hash")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """Users, assignments and suspensions by id, as plain SQL reads them."""

    users: Mapping[Any, Row]
    held: Mapping[Any, Row]

    def of(self, user: Any) -> list[Row]:
        return [one for one in self.held.values() if one["user_id"] == user and one["status"] != "expired"]


def gives(title: str, program: str) -> set[str]:
    """The titles that a holder may give and take."""
    match title:
        case "superintendent":
            return {LEAD, PRIMARY}
        case "primary lea-coordinator":
            return {LEAD} | _SCHOOL[program] | _LEA_ONLY[program]
        case "lea-coordinator":
            return _SCHOOL[program] | _LEA_ONLY[program]
        case "site-coordinator":
            return _SCHOOL[program]
        case _:
            return set()


def inside(organization: Any) -> set[Any]:
    """The organization and, of an LEA, its schools."""
    return _INSIDE.get(organization, {organization})


def title(one: Row) -> str:
    return PRIMARY if one["primary"] else one["role"]


def over(actor: Any, one: Row, scene: Scene) -> Iterator[str]:
    """The actor's titles by which she stands over this assignment: reaching its place, in its program and year."""
    account = scene.users.get(actor)
    if account is None or account["status"] != "active":
        return
    for held in scene.of(actor):
        here = held["organization_id"]
        reaches = one["organization_id"] in inside(here)
        designates = held["role"] == SUPER and one["school_year"] in (YEAR, NEXT_YEAR)
        same_year = held["school_year"] == one["school_year"] or designates
        if held["status"] != "active" or held["program"] != one["program"] or not reaches or not same_year:
            continue
        titles = [title(held)]
        if held["role"] == SUPER and not _has_coordinator(here, one, scene) and one["school_year"] == YEAR:
            titles.append(LEAD)  # the fallback
        for each in titles:
            if title(one) in gives(each, one["program"]):
                yield each


def _has_coordinator(lea: Any, one: Row, scene: Scene) -> bool:
    return any(
        other["role"] == LEAD
        and other["organization_id"] == lea
        and other["program"] == one["program"]
        and other["school_year"] == one["school_year"]
        and other["status"] == "active"
        for other in scene.held.values()
    )


def wrongs(actor: Any, before: Scene, after: Scene) -> Iterator[str]:
    """What happened that the actor had no right to."""
    yield from _given(actor, before, after)
    yield from _taken(actor, before, after)
    yield from _touched(actor, before, after)
    yield from always(after)


def _given(actor: Any, before: Scene, after: Scene) -> Iterator[str]:
    for id_ in after.held.keys() - before.held.keys():
        one = after.held[id_]
        as_given = {**one, "primary": False}  # who comes first is primary by the rule, not by the giver (S1-08)
        ways = set(over(actor, as_given, before))
        if not ways:
            yield f"{_who(actor, before)} gave {_what(one)}, which she may not"
        if one["user_id"] == actor and not (SUPER in ways and one["role"] == LEAD):
            yield f"{_who(actor, before)} gave herself {_what(one)}"
        target = before.users.get(one["user_id"])
        if target is not None and target["status"] in ("suspended", "deleted"):
            yield f"{_who(actor, before)} gave {_what(one)} to an account that is {target['status']}"


def _taken(actor: Any, before: Scene, after: Scene) -> Iterator[str]:
    left = [
        one for id_, one in before.held.items()
        if one["primary"] and (id_ not in after.held or after.held[id_]["status"] != "active")
    ]  # fmt: skip
    for id_, one in before.held.items():
        now = after.held.get(id_)
        if now is not None and all(one[name] == now[name] for name in ("status", "primary", "last_day")):
            continue
        if now is not None and now["primary"] and not one["primary"] and _follows(one, left):
            continue
        ways = set(over(actor, one, before)) | (set(over(actor, now, before)) if now else set[str]())
        if one["user_id"] == actor or not ways:
            yield f"{_who(actor, before)} changed or took {_what(one)}"


def _follows(one: Row, left: Iterable[Row]) -> bool:
    """Whether a primary coordinator of the same LEA, program and year has left in the same step (S1-08)."""
    return any(
        (gone["organization_id"], gone["program"], gone["school_year"])
        == (one["organization_id"], one["program"], one["school_year"])
        for gone in left
    )


def _touched(actor: Any, before: Scene, after: Scene) -> Iterator[str]:
    for user, account in before.users.items():
        now = after.users[user]
        changed = [name for name in IDENTITY if account[name] != now[name]]
        if "suspended" in (account["status"], now["status"]) and account["status"] != now["status"]:
            changed.append("status")
        if now["status"] == "deleted" and account["status"] != "deleted":
            changed.append("status")
        if not changed:
            continue
        unreached = [one for one in before.of(user) if not set(over(actor, one, before)) - {SUPER}]
        if user == actor or unreached or not before.of(user):
            yield f"{_who(actor, before)} changed {changed} of {_who(user, before)}"


def always(scene: Scene) -> Iterator[str]:
    """What holds at any time, whoever did what."""
    seen: dict[tuple[Any, ...], Row] = {}
    primaries: dict[tuple[Any, ...], Row] = {}
    for one in scene.held.values():
        if one["status"] == "expired":
            continue
        if one["role"] not in (SUPER, T4T):
            key = one["user_id"], one["program"], one["school_year"], one["organization_id"]
            if key in seen:
                yield f"two roles at one organization: {_what(one)} and {_what(seen[key])}"
            seen[key] = one
        if one["primary"] and one["status"] == "active":
            key = one["lea_id"], one["program"], one["school_year"]
            if key in primaries:
                yield f"two primary coordinators: {key}"
            primaries[key] = one
        if scene.users[one["user_id"]]["status"] == "deleted":
            yield f"a deleted account holds {_what(one)}"
        if one["lea_id"] != _LEA_OF.get(one["organization_id"]):
            yield f"{_what(one)} lies in another LEA than its organization"


def _who(user: Any, scene: Scene) -> str:
    account = scene.users.get(user)
    return str(account["email_key"] if account else user)


def _what(one: Row) -> str:
    names = {where: name for name, where in PLACES.items()}
    where = names.get(one["organization_id"], "?")
    return f"{one['program']}/{title(one)} of {one['school_year']} at {where} ({one['status']})"
