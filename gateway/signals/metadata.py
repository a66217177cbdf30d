"""`/.well-known/ssf-configuration`: what this transmitter offers, and where (SSF 1.0 section 7)."""

from functools import cache
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.oidc.keys import jwks
from gateway.signals import configuration, status, subjects, verification
from gateway.signals.wanted import METHODS
from gateway.state import gateway_of

PATH: Final = "/.well-known/ssf-configuration"


async def metadata(request: Request) -> Response:
    """Absolute addresses under the issuer of the settings, whatever host was asked."""
    body = document(gateway_of(request).settings.issuer)
    return Response(body, headers={"Cache-Control": "public, max-age=300"}, media_type="application/json")


@cache
def document(issuer: str) -> bytes:
    """`critical_subject_members`: a receiver that doesn't know what a session or a tenant is must not act on one."""
    return orjson.dumps(
        {
            "spec_version": "1_0",
            "issuer": issuer,
            "jwks_uri": issuer + jwks.PATH,
            "delivery_methods_supported": list(METHODS),
            "configuration_endpoint": issuer + configuration.PATH,
            "status_endpoint": issuer + status.PATH,
            "add_subject_endpoint": issuer + subjects.ADD_PATH,
            "remove_subject_endpoint": issuer + subjects.REMOVE_PATH,
            "verification_endpoint": issuer + verification.PATH,
            "critical_subject_members": ["session", "tenant"],
            "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
            "default_subjects": "ALL",
        }
    )
