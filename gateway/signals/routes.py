"""The addresses of Shared Signals."""

from starlette.routing import BaseRoute, Route

from gateway.signals import configuration, metadata, poll, status, subjects, verification


def routes() -> list[BaseRoute]:
    return [
        Route(metadata.PATH, metadata.metadata, methods=["GET"]),
        Route(configuration.PATH, configuration.read, methods=["GET"]),
        Route(configuration.PATH, configuration.create, methods=["POST"]),
        Route(configuration.PATH, configuration.update, methods=["PATCH"]),
        Route(configuration.PATH, configuration.replaced, methods=["PUT"]),
        Route(configuration.PATH, configuration.delete, methods=["DELETE"]),
        Route(status.PATH, status.read, methods=["GET"]),
        Route(status.PATH, status.update, methods=["POST"]),
        Route(verification.PATH, verification.verify, methods=["POST"]),
        Route(subjects.ADD_PATH, subjects.add, methods=["POST"]),
        Route(subjects.REMOVE_PATH, subjects.remove, methods=["POST"]),
        Route(poll.PATH, poll.poll, methods=["POST"]),
    ]
