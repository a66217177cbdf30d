"""GET `/rest/district` and `/rest/institution`: the entities below one, which THSS asks before it lists scorers."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.access_cache import today_of
from gateway.smarter.answering import Endpoint, answered, asked, bad_input, json_answer
from gateway.smarter.system_caller import system_asking
from gateway.smarter.tenancy import surroundings
from gateway.state import gateway_of
from policy.scopes import DIRECTORY_READ
from policy.smarter.levels import LEVEL_OF, Tier
from store.own_systems import own_systems
from store.smarter_people import PlaceBelow, places_below

DISTRICTS: Final = "/rest/district"
INSTITUTIONS: Final = "/rest/institution"


def places_endpoint(tier: Tier, above: Tier) -> Endpoint:
    """The entities of `tier` directly below one of `above`, where somebody has something in the caller's systems."""
    parameter = f"{above.value.lower()}Id"

    @answered
    async def endpoint(request: Request) -> Response:
        parent = asked(request, frozenset({parameter})).get(parameter)
        if parent is None:
            raise bad_input(f"{parameter} is missing: entities are listed below one at a time.")
        gateway = gateway_of(request)
        async with gateway.pool.acquire() as connection:
            asking = await system_asking(request, connection, DIRECTORY_READ)
            around = await surroundings(request, connection, asking.epoch)
            state = around.tenancy.state.id
            code = parent
            if above is Tier.STATE:  # components may know the state by another id than the directory does
                code = around.names.state_code if parent == state else ""
            in_force, today = asking.in_force, today_of(gateway.settings, gateway.now())
            own = own_systems(frozenset(asking.client.systems), in_force.packs, in_force.years, today)
            found = await places_below(connection, LEVEL_OF[tier], code, own)
        return json_answer([_entity(one, tier, above, parent, state) for one in found])

    return endpoint


def _entity(place: PlaceBelow, tier: Tier, above: Tier, parent: str, state: str) -> dict[str, Any]:
    return {
        "id": str(place.id),
        "entityId": place.code,
        "entityName": place.name,
        "entityType": tier.entity,
        "tenantType": tier.value,
        "formatType": tier.entity,
        "parentEntityId": parent,
        "parentEntityType": above.entity,
        "stateAbbreviation": state,
    }
