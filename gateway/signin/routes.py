"""The addresses of the sign-in pages."""

from starlette.routing import BaseRoute, Route

from gateway.signin import invitation, role, sign_in, sign_out


def routes() -> list[BaseRoute]:
    return [
        Route(sign_in.PATH, sign_in.sign_in_page, methods=["GET"]),
        Route(sign_in.PATH, sign_in.sign_in, methods=["POST"]),
        Route(invitation.PATH, invitation.invitation_page, methods=["GET"]),
        Route(invitation.PATH, invitation.accept, methods=["POST"]),
        Route(role.PATH, role.switch_role, methods=["POST"]),
        Route(sign_out.PATH, sign_out.sign_out, methods=["POST"]),
    ]
