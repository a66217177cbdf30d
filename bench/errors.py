"""Why something could not be measured: one sentence to the person who runs the bench."""


class BenchError(Exception):
    """A case that can't be measured here; the others go on, and the run fails."""
