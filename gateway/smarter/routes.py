"""The addresses of Smarter Balanced compatibility; a mapping that opens too much stops the start here."""

from starlette.routing import BaseRoute, Route

from gateway.smarter import places, tokeninfo, users
from gateway.smarter.answering import WRITING, refuse_writing
from gateway.smarter.permission_endpoints import permission_endpoint
from gateway.smarter.places import places_endpoint
from policy.smarter.levels import Tier
from policy.smarter.permission_service import ANSWERS
from store.smarter_mapping import shipped_mapping


def routes() -> list[BaseRoute]:
    """Raises PackError where a file in `programs/smarter/` is wrong, or wider than the packs."""
    shipped_mapping()
    read = {
        **{f"/rest/{name}": permission_endpoint(name) for name in ANSWERS},
        users.PATH: users.users,
        places.DISTRICTS: places_endpoint(Tier.DISTRICT, Tier.STATE),
        places.INSTITUTIONS: places_endpoint(Tier.INSTITUTION, Tier.DISTRICT),
    }
    return [
        Route(tokeninfo.PATH, tokeninfo.tokeninfo, methods=["GET"]),
        *(Route(path, endpoint, methods=["GET"]) for path, endpoint in read.items()),
        *(Route(path, refuse_writing, methods=list(WRITING)) for path in read),
    ]
