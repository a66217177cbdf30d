"""Signing keys, and the verification of what they signed."""
