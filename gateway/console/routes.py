"""The addresses of the launchpad and the console."""

from starlette.routing import BaseRoute, Route

from gateway.console import (
    account,
    consents,
    graphql_page,
    launchpad,
    organizations,
    own_access,
    own_address,
    own_numbers,
    own_sessions,
    passkeys,
    people,
    second_step,
    security_forms,
)


def routes() -> list[BaseRoute]:
    return [
        Route("/", launchpad.launchpad, methods=["GET"]),
        Route("/account", account.account, methods=["GET"]),
        Route(own_access.PATH, own_access.own_access, methods=["GET"]),
        Route(consents.PATH, consents.revoke, methods=["POST"]),
        Route(own_sessions.PATH, own_sessions.revoke, methods=["POST"]),
        Route(own_sessions.EVERYWHERE, own_sessions.everywhere, methods=["POST"]),
        Route(own_address.PATH, own_address.change_address, methods=["POST"]),
        Route(own_numbers.PATH, own_numbers.change_numbers, methods=["POST"]),
        Route(second_step.PATH, second_step.second_step, methods=["GET"]),
        Route(second_step.PATH, second_step.add, methods=["POST"]),
        Route(second_step.CODES, second_step.new_codes, methods=["POST"]),
        Route(second_step.REMOVE, second_step.remove, methods=["POST"]),
        Route(second_step.FORGET, second_step.forget, methods=["POST"]),
        Route(passkeys.PATH, passkeys.passkeys, methods=["GET"]),
        Route(passkeys.PATH, passkeys.add, methods=["POST"]),
        Route(passkeys.OPTIONS, passkeys.options, methods=["POST"]),
        Route(passkeys.CHANGE, passkeys.change, methods=["POST"]),
        Route(security_forms.LIST, security_forms.security_forms, methods=["GET"]),
        Route(security_forms.FORM, security_forms.security_form, methods=["GET"]),
        Route(security_forms.FORM, security_forms.sign, methods=["POST"]),
        Route("/console", organizations.start, methods=["GET"]),
        Route("/console/organizations/{id}", organizations.organization, methods=["GET"]),
        Route(people.PERSON, people.person, methods=["GET"]),
        Route(people.CHANGE, people.change, methods=["POST"]),
        Route("/console/graphql", graphql_page.show, methods=["GET"]),
        Route("/console/graphql", graphql_page.run, methods=["POST"]),
    ]
