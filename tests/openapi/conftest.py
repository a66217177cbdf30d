"""Fixtures of this folder: those of the decision API's tests."""

from tests.decisions.conftest import cers, hallpass, person_api, thss
from tests.graphql.conftest import as_person, as_system, as_token_bearer, http, signed_out
from tests.oidc.fixtures import app, clock, gateway

__all__ = [
    "app",
    "as_person",
    "as_system",
    "as_token_bearer",
    "cers",
    "clock",
    "gateway",
    "hallpass",
    "http",
    "person_api",
    "signed_out",
    "thss",
]
