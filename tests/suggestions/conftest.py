"""Fixtures of this folder: those of the GraphQL tests."""

from tests.graphql.conftest import as_person, as_system, as_token_bearer, http, signed_out
from tests.oidc.fixtures import app, clock, gateway

__all__ = ["app", "as_person", "as_system", "as_token_bearer", "clock", "gateway", "http", "signed_out"]
