"""Rows within one statement: the expressions of their cells, the rows they point to, and the lists within them."""

from dataclasses import dataclass, field
from uuid import UUID

from policy.access import AnyOf, row_filter
from policy.caller import Caller
from store.composed import Parameters, fill
from store.own_systems import OwnSystems
from store.pages import COUNTED_EXACTLY, PageRefusedError, read_cursor
from store.placing import places_sql
from store.reach import with_clause
from store.read_tree import ColumnCell, ListRead, RowRead, RuleCell
from store.row_rules import RowRules
from store.tables import Found, Rows, Table

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who a statement is composed for.

    `counting`: the (program, year) pairs that are current or upcoming; None: the statement reads them.
    """

    caller: Caller
    own: OwnSystems | None
    counting: tuple[tuple[str, str], ...] | None = None


@dataclass(slots=True)
class RowComposer:
    """Composes the rows of one statement. `flat_order`: the order of the list whose rows are joined, if any are."""

    asked: Asked
    parameters: Parameters = field(default_factory=Parameters)
    rules: RowRules = field(init=False)
    flat_order: list[str] = field(default_factory=list[str])
    _aliases: int = 0

    def __post_init__(self) -> None:
        self.rules = RowRules(self.parameters, self.asked.caller, self.asked.own)

    def finished(self, part: str, ctes: tuple[str, ...] = (), **parts: str) -> str:
        """The statement; ask for it last. Values that it doesn't use are named too: the server wants their types."""
        needed = [*self.rules.ctes(), *ctes]
        text = fill("reads", part, **parts, **{"with": with_clause(*needed)})
        unused = self.parameters.left_out(text)
        if not unused:
            return text
        needed.append(fill("reads", "left_out", places=", ".join(unused)))
        return fill("reads", part, **parts, **{"with": with_clause(*needed)})

    def row(self, row: RowRead, t: str) -> tuple[list[str], list[str]]:
        """The expressions of the row's cells, in their order, and the joins that these need."""
        cells = [_column(t, cell) for cell in row.columns.values()]
        cells += [self._rule(row.table, t, cell) for cell in row.rules.values()]
        if row.judged is not None:
            cells += [places_sql(row.table.rows, t), self.rules.in_own_systems(row.table.rows, t)]
        joins: list[str] = []
        for one in row.pointed.values():
            inner = self.alias(one.row.table)
            seen = self.seen(one.row.table, inner, one.seen)
            joins.append(fill("reads", "pointed", table=one.row.table.name, t=inner, parent=t, key=one.key, seen=seen))
            its_cells, its_joins = self.row(one.row, inner)
            cells += its_cells
            joins += its_joins
        for wanted in row.lists.values():
            if wanted.is_flat:
                its_cells, its_joins = self._joined(wanted, t)
                cells += its_cells
                joins += its_joins
                continue
            name = self._name("l")
            joins.append(self.list_within(wanted, t, name))
            cells.append(f"{name}.rows")
            if wanted.counted:
                cells.append(self.count_within(wanted, t))
        return cells, joins

    def _joined(self, wanted: ListRead, parent: str) -> tuple[list[str], list[str]]:
        """A list without a limit of its own: its rows are joined, in its order within each row of the page."""
        table = wanted.row.table
        t = self.alias(table)
        position, order = self._position(wanted, t)
        self.flat_order = order
        seen = self.seen(table, t, (wanted.rule,))
        join = fill(
            "reads", "joined", table=table.name, t=t, key=wanted.key, parent=parent, position=position, seen=seen
        )
        cells, joins = self.row(wanted.row, t)
        return cells, [join, *joins]

    def _position(self, wanted: ListRead, t: str) -> tuple[str, list[str]]:
        """The condition that rows lie behind the page's cursor, and the columns of the order."""
        parts = wanted.order.parts
        columns = [f"{t}.{part.column}" for part in parts]
        if wanted.after is None:
            return "true", columns
        after = read_position(wanted.row.table, wanted.after)
        given = [self.parameters.add(value, part.kind) for value, part in zip(after, parts, strict=True)]
        return f"({', '.join(columns)}) > ({', '.join(given)})", columns

    def _rule(self, table: Table, t: str, cell: RuleCell) -> str:
        return f"({self.seen(table, t, cell.rules)})"

    def seen(self, table: Table, t: str, rules: tuple[AnyOf, ...]) -> str:
        conditions = [self.rules.condition(table.rows, t, any_of) for any_of in rules]
        if table.erased:
            conditions.append(f"{t}.status <> 'deleted'")
        return _judged_only(" and ".join(one for one in conditions if one != "true") or "true")

    def list_within(self, wanted: ListRead, parent: str, name: str) -> str:
        table = wanted.row.table
        t = self.alias(table)
        cells, joins = self.row(wanted.row, t)
        common = {
            "names": names("c", cells), "cells": named(cells), "table": table.name, "t": t, "joins": " ".join(joins),
            "l": name, "parent": parent, "limit": str(wanted.first + 1),
        }  # fmt: skip
        if wanted.found is Found.BY_HOLDING:
            after = read_position(table, wanted.after)
            key, identifier = self.parameters.add(after[0], "text"), self.parameters.add(after[1], "uuid")
            return fill(
                "reads", "list_of_holders", **common, order="c.k1, c.k2", after_key=key, after_id=identifier,
                **self._holders(wanted),
            )  # fmt: skip
        position, columns = self._position(wanted, t)
        keys = ", ".join(f"{one} as k{at}" for at, one in enumerate(columns))
        order = ", ".join(f"k{at}" for at in range(len(columns)))
        seen = self.seen(table, t, (wanted.rule,))
        return fill("reads", "list", **common, keys=keys, order=order, key=wanted.key, position=position, seen=seen)

    def _holders(self, wanted: ListRead) -> dict[str, str]:
        """Users of an organization are found by the assignments there that the caller may see."""
        return {
            "seen": self._seen_holding(wanted.rule),
            "counts_this_year": fill("ranges", "counts_this_year", a="h"),
        }

    def _seen_holding(self, rule: AnyOf) -> str:
        found = row_filter(self.asked.caller, rule)
        seen = self.rules.ranges.condition(Rows.ASSIGNMENTS, "h", found.visible.ranges)
        if seen == "false" or found.own_systems is None:
            return _judged_only(seen)
        return _judged_only(f"{seen} and {self.rules.in_own_systems(Rows.ASSIGNMENTS, 'h')}")

    def count_within(self, wanted: ListRead, parent: str) -> str:
        limit = str(COUNTED_EXACTLY + 1)
        if wanted.found is Found.BY_HOLDING:
            return fill("reads", "count_of_holders", parent=parent, limit=limit, **self._holders(wanted))
        table, t = wanted.row.table, self.alias(wanted.row.table)
        seen = self.seen(table, t, (wanted.rule,))
        return fill("reads", "count", table=table.name, t=t, key=wanted.key, parent=parent, seen=seen, limit=limit)

    def alias(self, table: Table) -> str:
        return self._name(table.letter)

    def _name(self, letter: str) -> str:
        self._aliases += 1
        return f"{letter}{self._aliases}"


def read_position(table: Table, after: str | None) -> tuple[object, ...]:
    """The position behind which a page of the table starts. Raises PageRefusedError."""
    parts = table.order.parts
    if after is None:
        return tuple(NIL if part.kind == "uuid" else "" for part in parts)
    try:
        read = read_cursor(table.rows.value, len(parts), after)
        return tuple(UUID(text) if part.kind == "uuid" else text for text, part in zip(read, parts, strict=True))
    except ValueError as error:
        if isinstance(error, PageRefusedError):
            raise
        message = "after isn't a cursor of this service: use an endCursor that it gave."
        raise PageRefusedError("after", message) from error


def _column(t: str, cell: ColumnCell) -> str:
    return f'{t}."{cell.column}"::text' if cell.as_text else f'{t}."{cell.column}"'


def named(cells: list[str]) -> str:
    return ", ".join(f"{one} as c{at}" for at, one in enumerate(cells))


def names(of: str, cells: list[str]) -> str:
    return ", ".join(f"{of}.c{at}" for at in range(len(cells)))


def _judged_only(condition: str) -> str:
    """A condition on rows that are found by their key: no index is to be read for it.

    For values that it doesn't know, the planner would go through all of an LEA's assignments for each person.
    """
    return condition if condition in ("true", "false") else f"coalesce(({condition}), false)"
