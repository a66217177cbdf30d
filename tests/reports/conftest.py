"""Fixtures of this folder: the application over the small state, and callers of each kind."""

from tests.graphql.conftest import as_person, as_system, as_token_bearer, http
from tests.oidc.fixtures import app, clock, gateway

__all__ = ["app", "as_person", "as_system", "as_token_bearer", "clock", "gateway", "http"]
