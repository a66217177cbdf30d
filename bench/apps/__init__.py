"""The small servers that Hallpass is measured beside: the limits, and the peers that are made of Python libraries."""
