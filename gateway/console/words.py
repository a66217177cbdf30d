"""The schema's words as people read them on the pages."""

from typing import Final

from gateway.console.answers import Answer, text
from policy.ids import ProgramCode
from policy.packs import Packs

LEVELS: Final = {"STATE": "State", "LEA": "LEA", "SCHOOL": "School"}
STATUSES: Final = {
    "INVITED": ("Invited", "accent"),
    "ACTIVE": ("Active", "success"),
    "INACTIVE": ("Inactive", ""),
    "SUSPENDED": ("Suspended", "danger"),
    "EXPIRED": ("Ended", ""),
    "DELETED": ("Deleted", ""),
}
"""Word and kind of its badge."""
REACHES: Final = {
    "STATE": "the whole state",
    "LEA": "the LEA and its schools",
    "SCHOOLS": "every school of the LEA",
    "SITE": "this organization",
    "ROSTER": "your student groups there",
    "ASSIGNED": "what is assigned to you",
    "SELF": "yourself",
}
"""How far a grant goes."""
_STEPS: Final = {
    "ACCOUNT": "The invitation has not been accepted: open the link that was sent by e-mail.",
    "CREDENTIAL": "A valid credential must be recorded: the LEA coordinator does that.",
    "ROSTER": "A student group must be assigned: the coordinator does that.",
    "SECOND_STEP": "The role asks for a second step at sign-in, such as a code from an app on the phone.",
}


def step(missing: Answer, assignment: Answer, packs: Packs) -> str:
    """What has to be done before an assignment gives access, as one sentence."""
    if missing["kind"] != "FORM":
        return _STEPS.get(missing["kind"], "A step is missing: ask your coordinator.")
    pack = packs.at(ProgramCode(text(assignment, "program", "code")), assignment["schoolYear"])
    form = pack.forms.get(missing["name"]) if pack else None
    return f"{form.label if form else missing['name']} must be signed for {assignment['schoolYear']}."


def count(connection: Answer) -> str:
    """How many rows a list has in all."""
    exact = connection["totalCount"]
    return f"{exact:,}" if exact is not None else f"more than {connection['totalCountAtLeast'] or 0:,}"


def is_past(assignment: Answer) -> bool:
    return assignment["status"] == "EXPIRED"
