"""What a deployment chooses about `/graphql`: limits, cost, deadline, introspection and trusted documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import settings_values as values

ON, SIGNED_IN, OFF = "on", "signed-in", "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLSettings:
    """The fields of `gateway.settings.Settings` that begin with `graphql_`."""

    graphql_max_body_bytes: int = 262_144
    graphql_max_batch: int = 1
    """Operations in one request's array; 1: arrays are refused."""
    graphql_max_tokens: int = 4_000
    graphql_max_depth: int = 20
    """Levels of fields, fragments counted where they are spread; so are all that follow."""
    graphql_max_fields: int = 1_000
    graphql_max_root_fields: int = 30
    graphql_max_aliases: int = 100
    graphql_max_directives: int = 100
    graphql_max_cost: int = 100_000
    """Points of one operation, as computed before it runs."""
    graphql_cost_capacity: int = 2_000_000
    """Points that a caller may spend at once, over all processes."""
    graphql_cost_restore: int = 1_000_000
    """Points per second that a caller gets back, over all processes."""
    graphql_deadline: int = 10
    """Seconds that one request may take."""
    graphql_introspection: str = SIGNED_IN
    graphql_suggestions: bool = False
    graphql_trusted_documents: Path | None = None
    """A manifest: JSON from the SHA-256 of a document to its text."""
    graphql_trusted_only: bool = False


PARSERS: Mapping[str, values.Parser] = {
    "graphql_max_body_bytes": values.whole_number(16_384, 104_857_600),
    "graphql_max_batch": values.whole_number(1, 100),
    "graphql_max_tokens": values.whole_number(100, 100_000),
    "graphql_max_depth": values.whole_number(5, 50),
    "graphql_max_fields": values.whole_number(50, 10_000),
    "graphql_max_root_fields": values.whole_number(1, 1_000),
    "graphql_max_aliases": values.whole_number(1, 10_000),
    "graphql_max_directives": values.whole_number(1, 10_000),
    "graphql_max_cost": values.whole_number(1_000, 1_000_000_000),
    "graphql_cost_capacity": values.whole_number(1_000, 1_000_000_000_000),
    "graphql_cost_restore": values.whole_number(1, 1_000_000_000_000),
    "graphql_deadline": values.whole_number(1, 600),
    "graphql_introspection": values.one_of(ON, SIGNED_IN, OFF),
    "graphql_suggestions": values.switch,
    "graphql_trusted_documents": values.file,
    "graphql_trusted_only": values.switch,
}
