"""Shared Signals 1.0: relying parties are told what happens to their people, by signed events."""
