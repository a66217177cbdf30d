"""Fixtures of this folder: the application over the small state, and its people in their sessions."""

from tests.graphql.conftest import app, as_person, as_system, clock, gateway, http, signed_out
from tests.oidc.fixtures import browser

__all__ = ["app", "as_person", "as_system", "browser", "clock", "gateway", "http", "signed_out"]
