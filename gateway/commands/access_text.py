"""An explanation as lines of text: the decision first, then why, then what to do and who could give it."""

from collections.abc import Iterator
from typing import Any

MOST_WAYS = 8

Found = dict[str, Any]


def lines(found: Found, permission: str, organization: str) -> Iterator[str]:
    """The lines of what the document gave; what the asker may not see is left out."""
    told: Found = found["explain"]
    decision: Found = told["decision"]
    who = _name(found["user"]) or "She"
    where = _place(found["organization"]) or organization
    yield f"{'Allowed' if decision['allowed'] else 'Denied'}: {who} – {permission} – {where}"
    if told["asOf"]:
        yield f"  as of {told['asOf']}"
    yield f"  {decision['reason'].lower().replace('_', '-')}: {decision['explanation']}"
    yield from _why(told)
    yield from _to_do(_each(told["remedies"]))
    if not decision["allowed"] and not told["asOf"]:
        yield from _could_give(_each(told["ways"]))


def _why(told: Found) -> Iterator[str]:
    yield ""
    yield "Why"
    if not told["considered"] and not told["roles"]:
        yield "  She has no role that you may see."
    for one in _each(told["considered"]):
        grant: Found = one["grant"]
        held = _held(one["assignment"]) or f"{grant['program']}/{grant['role']}"
        yield f"  {'✓' if not one['stops'] else '✗'} {held}"
        yield from _source(one["cell"])
        yield from _given(one["assignment"])
        yield from _stops(one["stops"])
    considered = [one["assignment"] for one in _each(told["considered"])]
    for one in _each(told["roles"]):
        if one["assignment"] is None and not one["stops"]:
            yield f"  ✓ {_was_held(one['held'])}, taken away since"
        elif one["assignment"] is None or one["assignment"] not in considered:
            yield f"  ✗ {_held(one['assignment']) or _was_held(one['held'])}"
            for cell in _each(one["cells"]):
                yield from _source(cell)
            yield from _given(one["assignment"])
            yield from _stops(one["stops"])


def _stops(stops: Any) -> Iterator[str]:
    for stop in _each(stops):
        yield f"      {stop['why']}"


def _source(cell: Found | None) -> Iterator[str]:
    if cell is None:
        return
    text = f": “{cell['text']}”" if cell["text"] else ""
    yield f"      {cell['basis']}, {cell['row']}{text}"
    if cell["differs"]:
        yield f"      The source differs: {cell['differs']}"


def _given(assignment: Found | None) -> Iterator[str]:
    if assignment is None or not assignment["assignedBy"]:
        return
    under = f" as {assignment['assignedUnder']}" if assignment["assignedUnder"] else ""
    yield f"      given by {_name(assignment['assignedBy'])}{under} on {str(assignment['assignedAt'])[:10]}"


def _to_do(remedies: list[Found]) -> Iterator[str]:
    if not remedies:
        return
    yield ""
    yield "What to do"
    for one in remedies:
        yield f"  {one['what']}"
        roles = sorted({str(role["label"]) for role in _each(one["roles"])})
        if roles:
            yield f"      who can: {', '.join(roles)}{_people(one['people'])}"


def _could_give(ways: list[Found]) -> Iterator[str]:
    yield ""
    yield "Who could give it"
    if not ways:
        yield "  No role gives this there."
    for way in ways[:MOST_WAYS]:
        program = way["role"]["program"]["code"] if way["role"]["program"] else ""
        where = f" at {_place(way['organization'])}" if way["organization"] else ""
        yield f"  {way['role']['label']} ({program}){where}"
        givers = [f"{'primary ' if one['primary'] else ''}{one['role']['label']}" for one in _each(way["assignableBy"])]
        if givers:
            yield f"      assigned by {' or '.join(givers)}{_people(way['people'])}"
        elif way["derived"]:
            yield f"      follows from the {way['derived']}; nobody assigns it"
    if len(ways) > MOST_WAYS:
        yield f"  … and {len(ways) - MOST_WAYS} more; --json shows all."


def _people(people: Any) -> str:
    named = [f"{_name(one)} <{one['email']}>" if one["email"] else _name(one) for one in _each(people) if one]
    return f": {', '.join(named)}" if named else ""


def _held(assignment: Found | None) -> str:
    if assignment is None:
        return ""
    program = assignment["program"]["code"] if assignment["program"] else ""
    role = assignment["role"]["label"] if assignment["role"] else "a role that no pack knows"
    where = f" at {_place(assignment['organization'])}" if assignment["organization"] else ""
    year = f", {assignment['schoolYear']}" if assignment["schoolYear"] else ""
    return f"{role} ({program}){where}{year}"


def _was_held(held: Found) -> str:
    year = f", {held['schoolYear']}" if held["schoolYear"] else ""
    where = f"{held['organizationName']} ({held['level'].lower()}:{held['code']})"
    return f"{held['label'] or held['role']} ({held['program']}) at {where}{year}"


def _place(organization: Found | None) -> str:
    if organization is None:
        return ""
    return f"{organization['name']} ({organization['level'].lower()}:{organization['code']})"


def _name(user: Found | None) -> str:
    return " ".join(part for part in (user["firstName"], user["lastName"]) if part) if user else ""


def _each(rows: Any) -> list[Found]:
    """The rows of a list that may be withheld."""
    return list(rows or ())
