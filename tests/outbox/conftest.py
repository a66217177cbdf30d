"""Fixtures of this folder: the gateway over the provider's small state, and a clock to turn."""

from tests.oidc.fixtures import app, clock, gateway

__all__ = ["app", "clock", "gateway"]
