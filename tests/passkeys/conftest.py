"""Fixtures of this folder: those of the provider, and of callers in their sessions."""

from tests.graphql.conftest import app, as_person, clock, gateway, http
from tests.oidc.fixtures import browser

__all__ = ["app", "as_person", "browser", "clock", "gateway", "http"]
