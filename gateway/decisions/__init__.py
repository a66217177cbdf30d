"""The decision API: AuthZEN 1.0's evaluations, searches and metadata, one file per endpoint."""
