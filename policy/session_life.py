"""How long a session lives: without activity, and in any case (NIST SP 800-63B-4 section 2.2.3)."""

from datetime import timedelta
from typing import Final

IDLE_LIMIT: Final = timedelta(hours=1)
"""One hour without activity at AAL2; ours holds for everybody."""
ABSOLUTE_LIMIT: Final = timedelta(hours=12)
"""Half of what AAL2 allows, however active somebody is: a working day."""
