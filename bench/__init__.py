"""Measures Hallpass beside peers and beside the limits of the machine, in the same run; what counts are ratios."""
