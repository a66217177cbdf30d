"""Logout that a relying party starts, and the notices that relying parties get."""
