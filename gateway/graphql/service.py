"""What one process answers GraphQL with: the schema, the documents seen lately, prices and budgets."""

import time
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from gateway.graphql.budget import Budget, budget_of
from gateway.graphql.cost import Pricing
from gateway.graphql.documents import Documents, MalformedError
from gateway.graphql.introspection import introspected
from gateway.graphql.plans import Plans
from gateway.graphql.trusted import trusted_documents
from gateway.settings import Settings, SettingsError, variable
from gateway.state import Gateway, gateway_of, kept_in
from schema.build import BuiltSchema, build_schema


@dataclass(frozen=True, slots=True)
class Service:
    """`schema.graphql` shows itself to each caller as far as she may see it."""

    schema: BuiltSchema
    documents: Documents
    pricing: Pricing
    budget: Budget
    plans: Plans


def service_of(request: HTTPConnection) -> Service:
    """The service of the application that serves this request, built at the first one at the latest."""
    return service_in(request.app, gateway_of(request))


def service_in(app: Starlette, gateway: Gateway) -> Service:
    """Raises SettingsError for a manifest of trusted documents that can't be used."""
    return kept_in(app, "graphql_service", lambda: _built(gateway))


def _built(gateway: Gateway) -> Service:
    settings = gateway.settings
    schema = introspected(build_schema(gateway.packs.current.vocabulary), settings.graphql_introspection)
    trusted = trusted_documents(settings)
    documents = Documents(schema.graphql, settings, trusted)
    _check(documents, trusted, settings)
    return Service(
        schema, documents, Pricing(schema.graphql, schema.access), budget_of(settings, time.monotonic), Plans(schema)
    )


def _check(documents: Documents, trusted: dict[str, str], settings: Settings) -> None:
    """Better refused at the start than at the first request that names it."""
    if settings.graphql_trusted_documents is None:
        return
    for digest, text in trusted.items():
        try:
            documents.read(text, digest)
        except MalformedError as error:
            name = variable("graphql_trusted_documents")
            raise SettingsError((f"{name}: the document {digest} can't be run: {error}",)) from error
