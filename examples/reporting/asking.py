"""Asks the gateway at the moment when students are shown: what a token said five minutes ago may have ended."""

from typing import Final

from examples.decisions_client import AsyncDecisionClient, Question
from examples.decisions_client import Settings as ClientSettings
from examples.decisions_client.terms import Action, ActiveRole, OrganizationResource, StudentGroupResource, UserSubject
from examples.reporting.claims import Permit
from examples.reporting.directory import Group
from examples.reporting.settings import Settings
from examples.reporting.sign_in import SignedIn

_SECONDS: Final = 3.0


class Asking:
    """The decision API, asked with this system's own credentials."""

    def __init__(self, settings: Settings) -> None:
        known = ClientSettings(settings.issuer, settings.client_id, settings.client_secret, seconds=_SECONDS)
        self._client = AsyncDecisionClient(known)

    async def close(self) -> None:
        await self._client.close()

    async def may_see_school(self, person: SignedIn, permit: Permit, code: str) -> bool:
        return await self._may(person, permit, OrganizationResource(f"school:{code}"))

    async def may_see_group(self, person: SignedIn, permit: Permit, group: Group) -> bool:
        """A group that this system itself holds for the person: that she holds it is this system's word."""
        return await self._may(person, permit, StudentGroupResource(group.name, f"school:{group.school}"))

    async def _may(self, person: SignedIn, permit: Permit, place: OrganizationResource | StudentGroupResource) -> bool:
        """Every kind of assessment of the permit, of its program and year, in the role of her sign-in.

        A refusal is a no: nobody sees students because the gateway could not be asked.
        """
        subject = _subject(person)
        actions = [
            Action("cers:results:view", permit.program, permit.school_year, assessment=kind)
            for kind in permit.assessments
        ]
        found = await self._client.evaluate_all([Question(subject, action, place) for action in actions])
        return bool(found) and all(outcome.allowed for outcome in found)


def _subject(person: SignedIn) -> UserSubject:
    role = person.role
    if role is None:
        return UserSubject(person.sub)
    places = tuple(role.get("organizations") or ()) or None
    active = ActiveRole(role["program"], role["role"], role.get("school_year"), places)
    return UserSubject(person.sub, active)
