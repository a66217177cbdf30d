"""Fixtures of this folder: the application over the small state, and its state administrator."""

from tests.graphql.conftest import as_person, as_system, as_token_bearer, http, signed_out
from tests.oidc.fixtures import app, clock, gateway
from tests.years.conftest import as_administrator

__all__ = [
    "app", "as_administrator", "as_person", "as_system", "as_token_bearer", "clock", "gateway", "http", "signed_out",
]  # fmt: skip
