"""`/`: a welcome when signed out; signed in, what the person can open now and what is still to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.answers import Answer, inside, rows, text
from gateway.console.operations import Answered, ask
from gateway.console.shell import for_persons, page
from gateway.console.words import step
from gateway.cookies import Cookie, read_cookie
from gateway.mail.demo_box import has_demo_box
from gateway.mail.demo_page import PATH as DEMO_MAIL
from gateway.oidc.authorization.launch_endpoint import PATH as LAUNCH
from gateway.pages import render
from gateway.permission_words import sentence
from gateway.refusals import Kind, RefusedError
from gateway.state import gateway_of
from policy.grants import OWN_SYSTEM
from policy.ids import Permission, System, system_of
from policy.pack import PermissionTerm
from store.relying_parties import RelyingParty, all_relying_parties

_MOST_PHRASES: Final = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """A system that the person may enter; `href` is None where nothing that can be opened is registered for it."""

    label: str
    sentence: str
    where: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """What has to be done; `href` leads to where she does it herself, None: somebody else does."""

    sentence: str
    href: str | None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A role that gives nothing until `steps` are done."""

    role: str
    organization: str
    steps: tuple[Step, ...]


_OWN_STEPS: Final = {
    "FORM": ("/account/forms", "Read and sign"),
    "SECOND_STEP": ("/signin?next=/&acr=urn:hallpass:aal2", "Set it up, or sign in with it"),
}
"""Where a person does a step herself."""


@for_persons
async def launchpad(request: Request) -> Response:
    """Somebody whose session has ended reads the welcome, too."""
    answered = await _asked(request)
    if answered is None or answered.data["viewer"] is None:
        return render(request, "console/welcome.html", _demo(request))
    viewer = answered.data["viewer"]
    async with gateway_of(request).pool.acquire() as connection:
        relying_parties = await all_relying_parties(connection)
    context = {
        "tiles": _tiles(request, viewer, _labels(answered), relying_parties),
        "tasks": _tasks(request, viewer),
        "console": _has_console(answered),
        **_demo(request),
    }
    return page(request, "console/launchpad.html", viewer, context)


def _demo(request: Request) -> dict[str, object]:
    settings = gateway_of(request).settings
    return {"demo": settings.demo, "demo_mail": DEMO_MAIL if has_demo_box(settings) else None}


async def _asked(request: Request) -> Answered | None:
    if read_cookie(request, gateway_of(request).settings, Cookie.SESSION) is None:
        return None
    try:
        return await ask(request, "Launchpad")
    except RefusedError as error:
        if error.kind is Kind.UNAUTHENTICATED:
            return None
        raise


def _labels(answered: Answered) -> dict[System, str]:
    programs = rows(answered.data, "programs")
    return {System(one["code"]): one["label"] for program in programs for one in rows(program, "systems")}


def _has_console(answered: Answered) -> bool:
    """Whether the active role administers anything here: what somebody sees of her own school isn't worth a tile."""
    given = rows(answered.data, "viewer", "grants")
    return any(system_of(Permission(grant["permission"])) == OWN_SYSTEM for grant in given)


def _tiles(
    request: Request, viewer: Answer, labels: Mapping[System, str], parties: Sequence[RelyingParty]
) -> list[Tile]:
    """One per system of the viewer's grants, but the gateway's own; those that can be opened come first."""
    vocabulary = gateway_of(request).packs.current.vocabulary
    grants: dict[System, list[Answer]] = {}
    for grant in rows(viewer, "grants"):
        grants.setdefault(system_of(Permission(grant["permission"])), []).append(grant)
    tiles = [
        Tile(labels.get(system, system), _sentence(given, vocabulary), _where(given), _launch(system, parties))
        for system, given in grants.items()
        if system != OWN_SYSTEM
    ]
    return sorted(tiles, key=lambda tile: (tile.href is None, tile.label))


def _sentence(grants: Sequence[Answer], vocabulary: Mapping[Permission, PermissionTerm]) -> str:
    """What the person can do there, in the vocabulary's phrases."""
    return sentence((Permission(grant["permission"]) for grant in grants), vocabulary, _MOST_PHRASES)


def _where(grants: Sequence[Answer]) -> str:
    names = sorted({text(grant, "organization", "name") for grant in grants if inside(grant, "organization")})
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _launch(system: System, parties: Sequence[RelyingParty]) -> str | None:
    """Our address that leads into the system in the tab's context."""
    found = next((one for one in parties if one.active and one.launch_uri and system in one.systems), None)
    return None if found is None else LAUNCH.replace("{client_id}", quote(found.client_id, safe=""))


def _tasks(request: Request, viewer: Answer) -> list[Task]:
    """Steps of every role, not only of the active one: a role with steps missing can't be made active."""
    packs = gateway_of(request).packs.current
    tasks: list[Task] = []
    for one in rows(viewer, "withheld"):
        held: Answer | None = one["assignment"]
        if held is None or not one["missing"]:
            continue
        steps = tuple(
            Step(step(missing, held, packs), *_OWN_STEPS.get(missing["kind"], (None, "")))
            for missing in rows(one, "missing")
        )
        role = f"{text(held, 'role', 'label')} {text(held, 'schoolYear')}".strip()
        tasks.append(Task(role, text(held, "organization", "name"), steps))
    return tasks
