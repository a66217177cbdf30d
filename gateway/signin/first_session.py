"""What a person's facts say as she signs in: the role that her session begins with, and whether she must do more."""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request

from gateway.access_cache import today_of
from gateway.signin import active_role
from gateway.signin.assurance import Proof
from gateway.state import gateway_of
from policy.facts import Person, Years
from policy.grant import ActiveRole
from policy.grants import access_of
from policy.ids import UserId
from policy.packs import Packs
from policy.second_step import in_session, lacks_level, must_have_second_step
from policy.session_limits import inside_lea
from store.database import Connection
from store.people import load_person, load_years


@dataclass(frozen=True, slots=True)
class Arriving:
    """Somebody who signs in, read once. `required`: the deployment holds roles to their second step."""

    person: Person
    packs: Packs
    years: Years
    today: date
    required: bool

    @property
    def must_have_second_step(self) -> bool:
        return self.required and must_have_second_step(self.person, self.packs, self.years, self.today)

    def first_role(self, proof: Proof) -> ActiveRole | None:
        """The role that a session of that proof begins with: one that counts in it."""
        person = in_session(self.person, missing=lacks_level(proof.acr, required=self.required))
        access = access_of(person, self.packs, self.years, self.today)
        return active_role.first_role(inside_lea(access, proof.lea), self.packs)


async def arriving(request: Request, connection: Connection, user: UserId) -> Arriving:
    """Raises LookupError where there is no such account."""
    gateway = gateway_of(request)
    loaded = await load_person(connection, user)
    if loaded is None:
        raise LookupError(f"There is no account {user}.")
    settings = gateway.settings
    return Arriving(
        loaded.person, gateway.packs.current, await load_years(connection), today_of(settings, gateway.now()),
        settings.second_step_required,
    )  # fmt: skip


async def must_have(request: Request, connection: Connection, user: UserId) -> bool:
    """Whether a role of hers asks for a second step, and this deployment holds roles to it."""
    if not gateway_of(request).settings.second_step_required:
        return False
    return (await arriving(request, connection, user)).must_have_second_step
