"""Fixtures of this folder: the application over the small state of the GraphQL tests."""

from tests.graphql.conftest import AsCaller, as_person, as_token_bearer, http
from tests.oidc.fixtures import app, clock, gateway

__all__ = ["AsCaller", "app", "as_person", "as_token_bearer", "clock", "gateway", "http"]
