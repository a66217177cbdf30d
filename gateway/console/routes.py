"""The addresses of the launchpad and the console."""

from starlette.routing import BaseRoute, Route

from gateway.console import account, graphql_page, launchpad, organizations, people


def routes() -> list[BaseRoute]:
    return [
        Route("/", launchpad.launchpad, methods=["GET"]),
        Route("/account", account.account, methods=["GET"]),
        Route("/console", organizations.start, methods=["GET"]),
        Route("/console/organizations/{id}", organizations.organization, methods=["GET"]),
        Route("/console/users/{id}", people.person, methods=["GET"]),
        Route("/console/graphql", graphql_page.show, methods=["GET"]),
        Route("/console/graphql", graphql_page.run, methods=["POST"]),
    ]
