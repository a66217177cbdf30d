"""The routes of the decision API."""

from starlette.routing import BaseRoute, Route

from gateway.decisions import evaluation, evaluations, metadata
from gateway.decisions.endpoint import Endpoint


def routes() -> list[BaseRoute]:
    return [
        Route(metadata.PATH, metadata.metadata, methods=["GET"]),
        Route(evaluation.PATH, Endpoint(evaluation.evaluate), methods=["POST"]),
        Route(evaluations.PATH, Endpoint(evaluations.evaluate_all), methods=["POST"]),
    ]
