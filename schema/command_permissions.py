"""The permissions that commands with `--as USER` ask for: the same that the console's actions ask for."""

from typing import Final

from policy.ids import Permission

IMPORT_DIRECTORY: Final = Permission("hallpass:state:directory")
