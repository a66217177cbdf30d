"""Fixtures of this folder: the application over the small state, and its state administrator."""

from tests.graphql.conftest import app, as_person, clock, gateway, http
from tests.years.conftest import as_administrator

__all__ = ["app", "as_administrator", "as_person", "clock", "gateway", "http"]
