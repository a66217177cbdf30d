"""The client and state of tenancy chains, and the LEAs' names, read again when the epoch says that they may differ."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from gateway.smarter_settings import SmarterSettings
from gateway.state import gateway_of
from policy.smarter.chain import Entity, Tenancy
from policy.smarter.levels import Tier
from store.database import Connection
from store.smarter_people import Names, load_names


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands in a chain beside the organization at which the role is held. `epoch`: as of which it was read."""

    tenancy: Tenancy
    names: Names
    epoch: int


async def surroundings(request: HTTPConnection, connection: Connection, epoch: int) -> Surroundings:
    """As of `epoch`, which the request has read on this connection, or newer."""
    state = request.app.state
    known: Surroundings | None = getattr(state, "smarter_surroundings", None)
    if known is None or known.epoch < epoch:
        names = await load_names(connection)
        known = Surroundings(tenancy_of(gateway_of(request).settings, names), names, epoch)
        state.smarter_surroundings = known
    return known


def tenancy_of(settings: SmarterSettings, names: Names) -> Tenancy:
    """Settings go before the directory; a client that isn't named is the state itself."""
    state = Entity(
        Tier.STATE, settings.smarter_state_id or names.state_code, settings.smarter_state_name or names.state_name
    )
    client_id = settings.smarter_client_id or state.id
    return Tenancy(Entity(Tier.CLIENT, client_id, settings.smarter_client_name or state.name), state)
