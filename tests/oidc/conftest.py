"""Fixtures of this folder: those of the provider."""

from tests.oidc.fixtures import app, browser, clock, gateway

__all__ = ["app", "browser", "clock", "gateway"]
