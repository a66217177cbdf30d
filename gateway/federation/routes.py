"""The addresses of the way through a district's provider."""

from starlette.routing import BaseRoute, Route

from gateway.federation import callback, invited, offer, own_links


def routes() -> list[BaseRoute]:
    return [
        Route(offer.PATH, offer.district_page, methods=["GET"]),
        Route(offer.PATH, offer.offer, methods=["POST"]),
        Route(offer.LAUNCH, offer.launch, methods=["GET"]),
        Route(callback.PATH, callback.callback, methods=["GET"]),
        Route(invited.PATH, invited.accept_with_district, methods=["POST"]),
        Route(own_links.LINK, own_links.link, methods=["POST"]),
        Route(own_links.UNLINK, own_links.unlink, methods=["POST"]),
    ]
