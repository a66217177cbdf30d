"""Downstream systems that show how to connect one to Hallpass."""
