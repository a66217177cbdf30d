"""Smarter Balanced compatibility without IO: tenancy chains, the mapping of roles, and the permission service."""
