"""The addresses of the OpenID provider; those that browser clients may call answer preflights too."""

from starlette.routing import BaseRoute, Route

from gateway.oidc import discovery
from gateway.oidc.authorization import choose_context, launch_endpoint
from gateway.oidc.authorization import endpoint as authorize
from gateway.oidc.authorization import pushing as par
from gateway.oidc.consent import endpoint as consent_endpoint
from gateway.oidc.consent import page as consent_page
from gateway.oidc.cors import Readable, preflight
from gateway.oidc.keys import jwks
from gateway.oidc.logout import endpoint as logout
from gateway.oidc.resource import assessment_endpoint, introspect, revoke, userinfo
from gateway.oidc.token import endpoint as token
from gateway.oidc.token.tokens import ASSESSMENT_CLAIMS_PATH


def routes() -> list[BaseRoute]:
    """The endpoints that people meet are never read across origins (RFC 9700 section 2.6)."""
    called_by_programs = (
        (discovery.OPENID_PATH, discovery.provider_metadata, ["GET"]),
        (discovery.SERVER_PATH, discovery.provider_metadata, ["GET"]),
        (discovery.RESOURCE_PATH, discovery.resource_metadata, ["GET"]),
        (jwks.PATH, jwks.jwks, ["GET"]),
        (token.PATH, token.token, ["POST"]),
        (par.PATH, par.push, ["POST"]),
        (introspect.PATH, introspect.introspect, ["POST"]),
        (revoke.PATH, revoke.revoke, ["POST"]),
        (userinfo.PATH, userinfo.userinfo, ["GET", "POST"]),
        (ASSESSMENT_CLAIMS_PATH, assessment_endpoint.assessment, ["GET"]),
    )
    return [
        Route(authorize.PATH, authorize.authorize, methods=["GET", "POST"]),
        Route(logout.PATH, logout.logout, methods=["GET", "POST"]),
        Route(logout.CONFIRM_PATH, logout.confirm, methods=["POST"]),
        Route(consent_page.PATH, consent_endpoint.consent, methods=["POST"]),
        Route(choose_context.PATH, choose_context.choose_context, methods=["POST"]),
        Route(launch_endpoint.PATH, launch_endpoint.launch_system, methods=["GET"]),
        *(Route(path, Readable(endpoint), methods=methods) for path, endpoint, methods in called_by_programs),
        *(Route(path, Readable(preflight), methods=["OPTIONS"]) for path, _, _ in called_by_programs),
    ]
