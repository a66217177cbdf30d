"""The permissions that commands with `--as USER` ask for: the same that the console's actions ask for."""

from typing import Final

from policy.ids import Permission

IMPORT_DIRECTORY: Final = Permission("hallpass:state:directory")
RUN_YEARS: Final = Permission("hallpass:state:years")

EXPLAIN_ACCESS: Final = (
    Permission("hallpass:users:view"),
    Permission("hallpass:organizations:view"),
    Permission("hallpass:student-groups:manage"),
)
"""By what the host's operator sees whom and what an explanation is about."""

SEND_FILES: Final = (Permission("hallpass:users:manage"),)
"""By what files of people are sent: coordinators are never designated by file."""

EXPORT_USERS: Final = (Permission("hallpass:users:view"),)
