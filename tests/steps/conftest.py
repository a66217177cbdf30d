"""Fixtures of this folder: those of the GraphQL tests, and a browser."""

from tests.graphql.conftest import as_person, as_system, as_token_bearer, http, signed_out
from tests.oidc.fixtures import app, browser, clock, gateway

__all__ = [
    "app", "as_person", "as_system", "as_token_bearer", "browser", "clock", "gateway", "http", "signed_out",
]  # fmt: skip
