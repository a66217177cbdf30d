"""Judges an answer row by row and field by field with `policy.access.holds`: shown, denied or absent."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast
from uuid import UUID

from graphql import GraphQLEnumType, GraphQLField, GraphQLObjectType
from graphql.execution.values import get_argument_values

from gateway.graphql.reads.rows import mapped_of
from gateway.graphql.reads.selecting import Selected, Selecting
from gateway.graphql.type_of import named_type_of
from policy.access import AnyOf, may_ever
from schema.access_table import FieldRules, in_common
from schema.build import BuiltSchema
from schema.guards import given_rules
from schema.mapping import CallersOwn, FromColumn, ListedIn, PageOf, PointedAt, RowOf
from store.keys_of import email_key, text_key
from store.pages import read_cursor, write_cursor
from store.user_words import part_key
from tests.graphql.judged_state import Eyes, Row

Path = tuple[str | int, ...]
_ORDER: Final = {
    "users": ("name_key", "id"), "organizations": ("name_key", "id"), "student_groups": ("school_year", "name_key"),
    "role_assignments": ("program", "school_year", "organization_id", "role"),
}  # fmt: skip
_CURSOR: Final = {
    "users": "users", "organizations": "organizations", "student_groups": "student groups",
    "role_assignments": "assignments",
}  # fmt: skip
_TABLE_OF: Final = {
    "User": "users", "Organization": "organizations", "RoleAssignment": "role_assignments",
    "StudentGroup": "student_groups",
}  # fmt: skip


@dataclass(slots=True)
class Judge:
    """Walks through an answer. `wrong`: places where it isn't what the rules say; `denied`: the paths of refusals."""

    schema: BuiltSchema
    selecting: Selecting
    eyes: Eyes
    wrong: list[str] = field(default_factory=list[str])
    denied: set[Path] = field(default_factory=set[Path])
    judged: int = 0
    """Fields of rows that were looked at."""

    def answer(self, data: dict[str, Any]) -> None:
        query = cast("GraphQLObjectType", self.schema.graphql.query_type)
        for one in self.selecting.roots(query):
            if not one.name.startswith("__"):
                self._root(query.fields[one.name], one, data[one.key])

    def _root(self, of: GraphQLField, one: Selected, found: Any) -> None:
        rules, path = self.schema.access["Query", one.name], (one.key,)
        if not self._ever(rules.own):
            self._deny(path, found)
            return
        given = get_argument_values(of, one.node, self.selecting.values)
        inputs = given_rules(rules, given)
        match mapped_of(of):
            case PageOf():
                self._list(of, one, found, path, (*rules.own, *rules.result, *inputs), self._filtered(given))
            case RowOf():
                rows = [row for row in self._table(of).values() if _is_meant(row, given["by"])]
                self._pointed(of, one, found, path, rows, (*rules.result, *inputs))
            case _:
                if one.name == "viewer" and found is not None:
                    self._viewer(one, found, path)

    def _viewer(self, one: Selected, found: Any, path: Path) -> None:
        viewer = cast("GraphQLObjectType", self.schema.graphql.type_map["Viewer"])
        for inner in self.selecting.within(viewer, one):
            of = viewer.fields.get(inner.name)
            if of is not None and isinstance(mapped_of(of), CallersOwn):
                mine = getattr(self.eyes.caller, "user", None)
                rows = [row for row in self._table(of).values() if row["id"] == mine]
                rules = self.schema.access["Viewer", inner.name].result
                self._pointed(of, inner, found[inner.key], (*path, inner.key), rows, rules)

    def _row(self, type_: GraphQLObjectType, row: Row, one: Selected, found: Any, path: Path) -> None:
        for inner in self.selecting.within(type_, one):
            if not inner.name.startswith("__"):
                self.judged += 1
                self._field(type_, row, inner, found[inner.key], (*path, inner.key))

    def _field(self, type_: GraphQLObjectType, row: Row, one: Selected, found: Any, path: Path) -> None:
        of, rules = type_.fields[one.name], self.schema.access[type_.name, one.name]
        shown = self._ever(rules.own) if rules.is_connection else self.eyes.sees(_TABLE_OF[type_.name], row, rules.own)
        if not shown:
            self._deny(path, found)
            return
        match mapped_of(of):
            case FromColumn(column):
                self._expect(path, found, _shown(of, row[column]))
            case PointedAt(column):
                target = self._table(of).get(row[column]) if row[column] else None
                self._pointed(of, one, found, path, [target] if target else [], rules.result)
            case ListedIn(key=key):
                self._within(of, one, found, path, rules, row, key)
            case _:
                if not one.node.arguments and found is None and one.name != "schoolYear":
                    self.wrong.append(f"{path}: nothing is shown")

    def _within(
        self, of: GraphQLField, one: Selected, found: Any, path: Path, rules: FieldRules, row: Row, key: str
    ) -> None:
        apply = (*rules.own, *rules.result)
        if key:
            self._list(of, one, found, path, apply, _pointing(key, row))
        else:  # those who hold a role there
            self._list(of, one, found, path, apply, self._holding({"organization": row["id"]}))

    def _pointed(
        self, of: GraphQLField, one: Selected, found: Any, path: Path, rows: list[Row], rules: tuple[AnyOf, ...]
    ) -> None:
        type_ = cast("GraphQLObjectType", named_type_of(of))
        table = _TABLE_OF[type_.name]
        seen = [row for row in rows if row.get("status") != "deleted" and self.eyes.sees(table, row, rules)]
        if (found is None) != (not seen):
            self.wrong.append(f"{path}: {'absent' if found is None else 'shown'}, though {seen}")
        elif seen:
            self._row(type_, seen[0], one, found, path)

    def _list(
        self, of: GraphQLField, one: Selected, found: Any, path: Path, rules: tuple[AnyOf, ...], wanted: Any
    ) -> None:
        connection = cast("GraphQLObjectType", named_type_of(of))
        type_ = cast("GraphQLObjectType", named_type_of(connection.fields["nodes"]))
        table, rule = _TABLE_OF[type_.name], in_common(rules)
        every = sorted(self._seen(table, rule, wanted), key=lambda row: _position(table, row))
        given = get_argument_values(of, one.node, self.selecting.values)
        first, after = given.get("first") or 50, given.get("after")
        behind = [row for row in every if after is None or _position(table, row) > _read(table, after)]
        page = behind[:first]
        for inner in self.selecting.within(connection, one):
            at = (*path, inner.key)
            match inner.name:
                case "nodes":
                    self._rows(type_, page, inner, found[inner.key], at)
                case "edges":
                    self._edges(connection, type_, page, inner, found[inner.key], at)
                case "totalCount" | "totalCountAtLeast":
                    self._expect(at, found[inner.key], len(every))
                case "pageInfo":
                    ends = [_cursor(table, row) for row in (page[:1] + page[-1:])] or [None, None]
                    known = (len(behind) > first, after is not None, ends[0], ends[-1])
                    self._page_info(connection, inner, found[inner.key], at, known)
                case _:
                    pass

    def _rows(self, type_: GraphQLObjectType, page: list[Row], one: Selected, found: list[Any], path: Path) -> None:
        if self._expect(path, len(found), len(page)):
            for at, (row, shown) in enumerate(zip(page, found, strict=True)):
                self._row(type_, row, one, shown, (*path, at))

    def _edges(
        self, connection: GraphQLObjectType, type_: GraphQLObjectType, page: list[Row], one: Selected, found: Any,
        path: Path,
    ) -> None:  # fmt: skip
        edge = cast("GraphQLObjectType", named_type_of(connection.fields["edges"]))
        if not self._expect(path, len(found), len(page)):
            return
        for at, (row, shown) in enumerate(zip(page, found, strict=True)):
            for inner in self.selecting.within(edge, one):
                if inner.name == "node":
                    self._row(type_, row, inner, shown[inner.key], (*path, at, inner.key))
                elif inner.name == "cursor":
                    self._expect((*path, at), shown[inner.key], _cursor(_TABLE_OF[type_.name], row))

    def _page_info(
        self, connection: GraphQLObjectType, one: Selected, found: Any, path: Path, known: tuple[Any, ...]
    ) -> None:
        info = cast("GraphQLObjectType", named_type_of(connection.fields["pageInfo"]))
        values = dict(zip(("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"), known, strict=True))
        for inner in self.selecting.within(info, one):
            if inner.name in values:
                self._expect((*path, inner.key), found[inner.key], values[inner.name])

    def _seen(self, table: str, rule: AnyOf, wanted: Callable[[str, Row], Any]) -> list[Row]:
        """The rows that the rule and the filter let pass; a filter by assignments says which of them must be seen."""
        found: list[Row] = []
        for row in self.eyes.facts.table(table).values():
            by = wanted(table, row)
            if row.get("status") == "deleted" and table == "users":
                continue
            if isinstance(by, list):
                subjects = [self.eyes.holding(a) for a in cast("list[Row]", by)]
            else:
                subjects = [self.eyes.subject(table, row)] if by else []
            if any(self.eyes.holds((rule,), one) for one in subjects):
                found.append(row)
        return found

    def _filtered(self, given: dict[str, Any]) -> Callable[[str, Row], Any]:
        filters: dict[str, Any] = given.get("filter") or {}
        wanted = {name: one for name, one in filters.items() if one is not None and one != ""}
        role = {name: wanted.pop(name) for name in ("organization", "program", "role") if name in wanted}
        by_role = self._holding(role) if role else None

        def passes(table: str, row: Row) -> Any:
            if not all(_passes(table, row, name, one) for name, one in wanted.items()):
                return False
            return by_role(table, row) if by_role else True

        return passes

    def _holding(self, role: dict[str, Any]) -> Callable[[str, Row], Any]:
        """The assignments of a person that count and are asked for."""
        facts, where = self.eyes.facts, role.get("organization")
        here = [one["id"] for one in facts.organizations.values() if _is_meant(one, where)] if where else []

        def assignments(_table: str, row: Row) -> list[Row]:
            return [
                a
                for a in facts.of_user(row["id"])
                if facts.counts(a)
                and (not where or a["organization_id"] in here)
                and all(a[name] == role[name] for name in ("program", "role") if name in role)
            ]

        return assignments

    def _table(self, of: GraphQLField) -> dict[UUID, Row]:
        return self.eyes.facts.table(_TABLE_OF[named_type_of(of).name])

    def _ever(self, rules: tuple[AnyOf, ...]) -> bool:
        return all(may_ever(self.eyes.caller, one) for one in rules)

    def _deny(self, path: Path, found: Any) -> None:
        self.denied.add(path)
        self._expect(path, found, None)

    def _expect(self, path: Path, found: Any, expected: Any) -> bool:
        if found != expected:
            self.wrong.append(f"{path}: {found!r} is told, not {expected!r}")
        return found == expected


def _pointing(key: str, row: Row) -> Callable[[str, Row], bool]:
    def points(_table: str, other: Row) -> bool:
        return other[key] == row["id"]

    return points


def _is_meant(row: Row, by: Any) -> bool:
    """Whether a reference, or an id, means the row."""
    if isinstance(by, dict):
        reference = cast("dict[str, Any]", by)
        if code := reference.get("code"):
            return row["level"] == _value(code["level"]) and row["code"] == code["code"]
        if reference.get("email"):
            return row["email_key"] == email_key(reference["email"])
        return _is_meant(row, reference.get("id"))
    return str(row["id"]) == str(by or "").lower()


def _passes(table: str, row: Row, name: str, value: Any) -> bool:
    match name:
        case "name":
            return row["name_key"].startswith(text_key(value))
        case "email":
            return row["email_key"] is not None and row["email_key"].startswith(email_key(value))
        case "namePart":
            words = row["name_key"].translate(str.maketrans("-'", "  "))
            return f" {part_key(value)}" in f" {words} {words}"
        case "contains":
            address = row["email_key"] or ""
            return all(text_key(one) in row["name_key"] or email_key(one) in address for one in value.split())
        case "parent":
            return str(row["parent_id"]) == value.lower()
        case _:
            return row[name] == _value(value)


def _value(value: Any) -> Any:
    return getattr(value, "value", value)


def _shown(of: GraphQLField, value: Any) -> Any:
    type_ = named_type_of(of)
    if value is None or type_.name in ("Int", "Boolean"):
        return value
    if isinstance(type_, GraphQLEnumType):
        return re.sub("-", "_", value).upper()
    return value.isoformat() if type_.name in ("Date", "DateTime") else str(value)


def _position(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[one] for one in _ORDER[table])


def _read(table: str, after: str) -> tuple[Any, ...]:
    found = read_cursor(_CURSOR[table], len(_ORDER[table]), after)
    return tuple(UUID(one) if name.endswith("id") else one for one, name in zip(found, _ORDER[table], strict=True))


def _cursor(table: str, row: Row) -> str:
    return write_cursor(_CURSOR[table], *map(str, _position(table, row)))
