"""Names of the tables, columns and joins that types are mapped to; a type's mapping stands beside the type."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto


class Rows(StrEnum):
    """How the access rules judge a table's rows; `store.row_rules` says it in SQL."""

    USERS = "users"
    ASSIGNMENTS = "assignments"
    ORGANIZATIONS = "organizations"
    GROUPS = "student groups"


class Found(Enum):
    """How the rows of a list within a row are found."""

    BY_KEY = auto()
    """Their column `key` is the row's id."""
    BY_HOLDING = auto()
    """They are users with a role at the row, which is an organization."""


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One column of a keyset order. `kind` is its PostgreSQL type."""

    column: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a table's lists: unique, and each column's values are texts in the cursor."""

    parts: tuple[KeyPart, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows a type shows. `rows` is also the kind that its cursors carry."""

    name: str
    letter: str
    rows: Rows
    order: Order
    erased: bool = False
    """Whether rows stay behind, with status `deleted`, that are no records any more."""


_NAME = (KeyPart("name_key"), KeyPart("id", "uuid"))

USERS = Table("users", "u", Rows.USERS, Order(_NAME), erased=True)
ORGANIZATIONS = Table("organizations", "o", Rows.ORGANIZATIONS, Order(_NAME))
ASSIGNMENTS = Table(
    "role_assignments",
    "a",
    Rows.ASSIGNMENTS,
    Order((KeyPart("program"), KeyPart("school_year"), KeyPart("organization_id", "uuid"), KeyPart("role"))),
)
GROUPS = Table("student_groups", "g", Rows.GROUPS, Order((KeyPart("school_year"), KeyPart("name_key"))))
