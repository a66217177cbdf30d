"""`/.well-known/authzen-configuration`: where the decision API answers (AuthZEN 9)."""

from functools import cache
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.decisions import evaluation, evaluations, search_action, search_resource, search_subject
from gateway.state import gateway_of

PATH: Final = "/.well-known/authzen-configuration"


async def metadata(request: Request) -> Response:
    """Absolute addresses under the issuer of the settings, whatever host was asked."""
    body = document(gateway_of(request).settings.issuer)
    return Response(body, headers={"Cache-Control": "public, max-age=300"}, media_type="application/json")


@cache
def document(issuer: str) -> bytes:
    return orjson.dumps(
        {
            "policy_decision_point": issuer,
            "access_evaluation_endpoint": issuer + evaluation.PATH,
            "access_evaluations_endpoint": issuer + evaluations.PATH,
            "search_subject_endpoint": issuer + search_subject.PATH,
            "search_resource_endpoint": issuer + search_resource.PATH,
            "search_action_endpoint": issuer + search_action.PATH,
        }
    )
