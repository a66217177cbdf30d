"""The edge: HTTP in, HTTP out. No SQL and no access rules."""
