"""How a job says that it is to be done again later."""

from datetime import timedelta


class AgainLaterError(Exception):
    """The job isn't done: it comes again after `delay`."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"again in {delay}")
        self.delay = delay
