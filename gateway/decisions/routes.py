"""The routes of the decision API."""

from starlette.routing import BaseRoute, Route

from gateway.decisions import evaluation, evaluations, metadata


def routes() -> list[BaseRoute]:
    return [
        Route(metadata.PATH, metadata.metadata, methods=["GET"]),
        Route(evaluation.PATH, evaluation.evaluation, methods=["POST"]),
        Route(evaluations.PATH, evaluations.evaluations, methods=["POST"]),
    ]
