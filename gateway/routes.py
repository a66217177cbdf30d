"""The whole route table: what the gateway answers, in the order in which it is tried."""

from starlette.routing import BaseRoute, Route

from gateway import health
from gateway.console.routes import routes as console_routes
from gateway.decisions.routes import routes as decision_routes
from gateway.federation.routes import routes as federation_routes
from gateway.graphql.endpoint import routes as graphql_routes
from gateway.graphql.subscriptions.endpoint import routes as subscription_routes
from gateway.mail.demo_page import routes as demo_mail_routes
from gateway.oidc.routes import routes as oidc_routes
from gateway.openapi.endpoint import routes as openapi_routes
from gateway.reports.endpoint import routes as report_routes
from gateway.signals.routes import routes as signal_routes
from gateway.signin.routes import routes as signin_routes
from gateway.smarter.routes import routes as smarter_routes
from gateway.static_files import static_file
from gateway.uploads.routes import routes as upload_routes


def route_table() -> list[BaseRoute]:
    """Every route. A room gives its own by `routes()`; nothing else adds one."""
    return [
        *graphql_routes(),  # first what is asked most: each route before it costs every question
        *decision_routes(),
        Route("/healthz", health.healthz, methods=["GET"]),
        Route("/readyz", health.readyz, methods=["GET"]),
        Route("/metrics", health.metrics, methods=["GET"]),
        Route("/static/{digest}/{name:path}", static_file, methods=["GET"]),
        *openapi_routes(),
        *subscription_routes(),
        *oidc_routes(),
        *smarter_routes(),
        *signal_routes(),
        *signin_routes(),
        *federation_routes(),
        *upload_routes(),
        *report_routes(),
        *console_routes(),
        *demo_mail_routes(),
    ]
