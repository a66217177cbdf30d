"""The routes of the decision API."""

from starlette.routing import BaseRoute, Route

from gateway.decisions import evaluation, evaluations, metadata, search_action, search_resource, search_subject
from gateway.decisions.endpoint import Endpoint


def routes() -> list[BaseRoute]:
    return [
        Route(metadata.PATH, metadata.metadata, methods=["GET"]),
        Route(evaluation.PATH, Endpoint(evaluation.evaluate), methods=["POST"]),
        Route(evaluations.PATH, Endpoint(evaluations.evaluate_all), methods=["POST"]),
        Route(search_subject.PATH, Endpoint(search_subject.search_subject), methods=["POST"]),
        Route(search_resource.PATH, Endpoint(search_resource.search_resource), methods=["POST"]),
        Route(search_action.PATH, Endpoint(search_action.search_action), methods=["POST"]),
    ]
