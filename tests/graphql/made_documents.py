"""Documents that schemathesis makes of the committed schema, with ids and words of the tests' small state."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any, cast

import schemathesis
from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLSchema,
    IntValueNode,
    Node,
    NullValueNode,
    ObjectFieldNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings, strategies

from tests.graphql.world import BEACH, PARK, ROSTER, assignment_id, user_id
from tests.oidc.world import OTHER_LEA
from tests.project import ROOT

SDL = ROOT / "schema" / "schema.graphql"
FAR = {
    str(user_id("far-lead")): "00000000-0000-4000-8000-000000000001",
    str(user_id("far-teacher")): "00000000-0000-4000-8000-000000000002",
    str(BEACH): "00000000-0000-4000-8000-000000000003",
    str(OTHER_LEA): "00000000-0000-4000-8000-000000000004",
    str(assignment_id("far-teacher", "test-administrator", BEACH)): "00000000-0000-4000-8000-000000000005",
    "01611196000000": "01611196009999",
    "far-teacher@example.org": "far-nobody@example.org",
}
"""What the site coordinator of one LEA can't see in the other -> what nobody has."""
IDS = [str(user_id("teacher")), *list(FAR)[:5], str(PARK), str(user_id("site")), str(ROSTER)]
WORDS = {
    "code": ["01611196000000", "19647331930000"],
    "email": ["far-teacher@example.org", "teacher@example.org"],
    "program": ["caaspp", "elpac"],
    "role": ["test-administrator", "site-coordinator"],
    "schoolYear": ["2026-27", "2027-28"],
    "permission": ["hallpass:users:view", "cers:results:view"],
}


def documents(operation: str, most: int) -> list[str]:
    """The same documents each time, with ids and words of the test's world for those that were made up."""
    made = cast(Any, schemathesis.graphql)
    made.scalar("Permission", strategies.sampled_from(WORDS["permission"]).map(made.nodes.String))
    schema = made.from_path(SDL)
    schema.config.update(base_url="http://localhost:8000")
    found: list[str] = []
    for result in schema.get_all_operations():
        known = result.ok()
        if not known.label.startswith(f"{operation}."):
            continue

        @settings(
            max_examples=most,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        @given(known.as_strategy())
        def collect(case: Any) -> None:
            found.append(case.body)

        collect()
    built = build_schema(SDL.read_text(encoding="utf-8"))
    ids, words = cycle(IDS), {name: cycle(values) for name, values in WORDS.items()}
    return [print_ast(_at_home(parse(text), built, ids, words)) for text in found]


def _at_home(document: DocumentNode, schema: GraphQLSchema, ids: Iterator[str], words: dict[str, Any]) -> DocumentNode:
    types: Any = TypeInfo(schema)

    class Known(Visitor):
        def enter(self, node: Node, key: Any, parent: Any, *_: Any) -> Any:
            if not isinstance(node, StringValueNode | IntValueNode | NullValueNode):
                return None
            wanted = types.get_input_type()
            name = parent.name.value if isinstance(parent, ArgumentNode | ObjectFieldNode) else ""
            kind = "" if wanted is None else str(cast(Any, get_named_type)(wanted))
            if isinstance(node, IntValueNode) and name == "first":
                return IntValueNode(value=str(abs(int(node.value)) % 20 + 1))
            if name == "after":
                return NullValueNode()
            if kind == "ID" and not isinstance(node, NullValueNode):
                return StringValueNode(value=next(ids))
            if kind in ("String", "Permission") and name in words:
                return StringValueNode(value=next(words[name]))
            return None

    return visit(document, TypeInfoVisitor(types, Known()))
