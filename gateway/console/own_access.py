"""`/account/access`: why a person has what access, role by role and system by system, with the source of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.answers import Answer, rows, text
from gateway.console.operations import ask
from gateway.console.shell import for_persons, full_name, page, viewer_of
from gateway.console.words import REACHES, is_past, step
from gateway.permission_words import sentence
from gateway.state import gateway_of
from policy.ids import Permission, ProgramCode, RoleSlug, SchoolYear, System, system_of
from policy.packs import Packs

PATH: Final = "/account/access"
_MOST_PHRASES: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """What a role gives in one system, how far, and which sources say so."""

    system: str
    sentence: str
    reaches: tuple[str, ...]
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that the person holds: where it comes from, what is missing, what it gives."""

    role: str
    program: str
    organization: str
    given: str
    given_at: str
    missing: tuple[str, ...]
    lines: tuple[Line, ...]


@for_persons
async def own_access(request: Request) -> Response:
    """GET: everything that counts now or would once its steps are done."""
    answered = await ask(request, "OwnAccess")
    viewer = viewer_of(answered)
    packs = gateway_of(request).packs.current
    labels = {
        one["code"]: one["label"] for program in rows(answered.data, "programs") for one in rows(program, "systems")
    }
    missing = {
        text(one, "assignment", "id"): rows(one, "missing") for one in rows(viewer, "withheld") if one["assignment"]
    }
    held = [
        _role(one, missing.get(one["id"], []), labels, packs)
        for one in rows(viewer, "user", "assignments", "nodes")
        if not is_past(one)
    ]
    return page(request, "console/own_access.html", viewer, {"held": held})


def _role(one: Answer, missing: Sequence[Answer], labels: Mapping[str, str], packs: Packs) -> HeldRole:
    return HeldRole(
        f"{text(one, 'role', 'label')}{' (primary)' if one['primary'] else ''}",
        f"{text(one, 'program', 'label')} {text(one, 'schoolYear')}".strip(),
        text(one, "organization", "name"),
        _given(one, packs),
        text(one, "assignedAt")[:10],
        tuple(step(each, one, packs) for each in missing),
        _lines(rows(one, "grants"), labels, packs),
    )


def _given(one: Answer, packs: Packs) -> str:
    """Who gave it and under which role, as far as the person may know."""
    by, under = full_name(one["assignedBy"]) if one["assignedBy"] else "", text(one, "assignedUnder")
    program, _, role = under.partition("/")
    year = one["schoolYear"]
    known = packs.role(ProgramCode(program), RoleSlug(role), SchoolYear(year) if year else None)
    label = known.label if known else under
    if not label:
        return f"Given by {by}" if by else "It follows from the state's directory"
    return f"Given by {by}, as {label}" if by else f"Given by somebody acting as {label}"


def _lines(grants: Sequence[Answer], labels: Mapping[str, str], packs: Packs) -> tuple[Line, ...]:
    systems: dict[System, list[Answer]] = {}
    for grant in grants:
        systems.setdefault(system_of(Permission(grant["permission"])), []).append(grant)
    lines = [
        Line(
            labels.get(system, system),
            sentence((Permission(one["permission"]) for one in given), packs.vocabulary, _MOST_PHRASES),
            tuple(dict.fromkeys(REACHES[one["reach"]] for one in given if one["reach"])),
            tuple(sorted({text(one, "basis") for one in given if one["basis"]})),
        )
        for system, given in systems.items()
    ]
    return tuple(sorted(lines, key=lambda line: line.system))
