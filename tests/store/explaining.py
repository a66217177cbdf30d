"""Explains statements with the plans that the gateway runs: generic ones, kept on the connection."""

import json
import re
from dataclasses import dataclass
from typing import Any

from store.connection import Connection

_PLACE = re.compile(r"\$(\d+)::([a-z]+(?:\[\])?)")
_READING = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})


@dataclass(frozen=True, slots=True)
class Explained:
    """One run of a plan."""

    plan: dict[str, Any]
    milliseconds: float

    @property
    def nodes(self) -> list[dict[str, Any]]:
        return _nodes(self.plan)

    def whole_tables(self) -> set[str]:
        """The tables that are read from one end to the other."""
        return {one["Relation Name"] for one in self.nodes if one["Node Type"] == "Seq Scan"}

    @property
    def read(self) -> int:
        """How many rows were read from tables, also those that a filter then left out."""
        return sum(_touched(one) * one["Actual Loops"] for one in self.nodes if one["Node Type"] in _READING)


async def explained(connection: Connection, text: str, values: tuple[object, ...]) -> Explained:
    """EXPLAIN of a statement as it stands would plan for these values; a prepared one is planned for any."""
    kinds = {int(number): kind for number, kind in _PLACE.findall(text)}
    literals = [await _literal(connection, value, kinds[at]) for at, value in enumerate(values, 1)]
    async with connection.transaction():
        await connection.execute("set local plan_cache_mode = force_generic_plan")
        types = ", ".join(kinds[at] for at in range(1, len(values) + 1))
        await connection.execute(f"prepare asked ({types}) as {text}")
        found = await connection.fetchval(f"explain (analyze, format json) execute asked ({', '.join(literals)})")
        await connection.execute("deallocate asked")
    (plan,) = json.loads(found)
    return Explained(plan["Plan"], plan["Execution Time"])


async def _literal(connection: Connection, value: object, kind: str) -> str:
    return await connection.fetchval(f"select quote_nullable($1::{kind}::text) || '::{kind}'", value)


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(one for child in plan.get("Plans", []) for one in _nodes(child))]


def _touched(node: dict[str, Any]) -> int:
    left_out = sum(node.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return node["Actual Rows"] + left_out
