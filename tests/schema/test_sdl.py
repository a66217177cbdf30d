"""The committed SDL is the built one, with the rule of every guarded definition printed."""

from pathlib import Path

import pytest
from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    InputObjectTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

from schema.access_table import directives_on
from schema.build import BuiltSchema, _built  # pyright: ignore[reportPrivateUsage]
from schema.build import build_schema as build
from schema.directives import Access, Public, rules_of
from store.shipped_packs import vocabulary

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"


@pytest.fixture(scope="module")
def built() -> BuiltSchema:
    return build(vocabulary())


@pytest.fixture(scope="module")
def document(built: BuiltSchema) -> DocumentNode:
    return parse(built.sdl)


def test_the_committed_sdl_is_the_built_one(built: BuiltSchema) -> None:
    assert COMMITTED.read_text(encoding="utf-8") == built.sdl, "hallpass schema > schema/schema.graphql"


def test_the_sdl_is_a_valid_schema(built: BuiltSchema) -> None:
    read = build_schema(built.sdl)
    assert set(built.graphql.type_map) <= set(read.type_map)


def test_building_twice_gives_the_same(built: BuiltSchema) -> None:
    anew = _built.__wrapped__(frozenset(vocabulary()))
    assert anew is not built
    assert anew.sdl == built.sdl


def test_every_directive_of_types_fields_arguments_and_inputs_is_printed(
    built: BuiltSchema, document: DocumentNode
) -> None:
    printed = dict(_printed(document))
    written = dict(_written(built))
    assert written, "nothing is guarded"
    assert printed == written


def test_contract_directives_and_their_types(built: BuiltSchema) -> None:
    assert (
        "directive @access(anyOf: [AccessRule!]!) repeatable on "
        "FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION"
    ) in built.sdl
    assert "directive @public on FIELD_DEFINITION | OBJECT" in built.sdl
    assert "of: AccessTarget! = THIS" in built.sdl
    assert "match: AccessMatch! = ANY" in built.sdl


def test_roots_edges_nodes_and_protected_fields_are_nullable(built: BuiltSchema) -> None:
    """Architecture, rule 1: a denied field must be able to be null."""
    for rules in built.access.values():
        type_ = built.graphql.type_map[rules.type_name]
        assert isinstance(type_, GraphQLObjectType)
        field = type_.fields[rules.name]
        guarded = rules.own or rules.result or rules.inputs
        root = rules.type_name in ("Query", "Mutation")
        if guarded or root or rules.name in ("edges", "node", "nodes"):
            assert not isinstance(field.type, GraphQLNonNull), f"{rules.type_name}.{rules.name}"


def test_only_ids_cursors_and_payload_wrappers_are_non_null(built: BuiltSchema) -> None:
    paging = {"cursor", "pageInfo", "hasNextPage", "hasPreviousPage"}
    wrappers = {"id", "userErrors", "removed", "suspended", "unapplied"} | paging
    for rules in built.access.values():
        type_ = built.graphql.type_map[rules.type_name]
        assert isinstance(type_, GraphQLObjectType)
        if isinstance(type_.fields[rules.name].type, GraphQLNonNull):
            assert rules.name in wrappers or rules.type_name in ("UserError", "AccessChange"), (
                f"{rules.type_name}.{rules.name}"
            )


def _printed(document: DocumentNode) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for type_ in document.definitions:
        if isinstance(type_, ObjectTypeDefinitionNode):
            found.append((type_.name.value, _texts(type_.directives)))
            for field in type_.fields or ():
                found.append((f"{type_.name.value}.{field.name.value}", _texts(field.directives)))
                for argument in field.arguments or ():
                    place = f"{type_.name.value}.{field.name.value}.{argument.name.value}"
                    found.append((place, _texts(argument.directives)))
        elif isinstance(type_, InputObjectTypeDefinitionNode):
            fields = type_.fields or ()
            found.extend((f"{type_.name.value}.{one.name.value}", _texts(one.directives)) for one in fields)
    return [(place, texts) for place, texts in found if texts]


def _texts(directives: tuple[DirectiveNode, ...] | None) -> list[str]:
    return ["".join(print_ast(one).split()).replace("}{", "},{") for one in directives or ()]


def _written(built: BuiltSchema) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, tuple[object, ...]]] = []
    for type_ in built.graphql.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            found.append((type_.name, directives_on(type_)))
            for name, field in type_.fields.items():
                found.append((f"{type_.name}.{name}", directives_on(field)))
                found.extend((f"{type_.name}.{name}.{arg}", directives_on(one)) for arg, one in field.args.items())
        elif isinstance(type_, GraphQLInputObjectType):
            found.extend((f"{type_.name}.{name}", directives_on(one)) for name, one in type_.fields.items())
    return [(place, texts) for place, directives in found if (texts := _as_text(directives))]


def _as_text(directives: tuple[object, ...]) -> list[str]:
    """What the SDL must say of the rules, put together from the rules themselves."""
    texts = ["@public" for one in directives if isinstance(one, Public)]
    for one in directives:
        if isinstance(one, Access):
            (rules,) = rules_of([one])
            parts = [
                "{" + (f'permission:"{rule.permission}",' if rule.permission else "") + f"of:{rule.of.value}" + "}"
                for rule in rules
            ]
            texts.append(f"@access(anyOf:[{','.join(parts)}])")
    return texts


@pytest.mark.checklist(48)
def test_no_argument_takes_a_password(built: BuiltSchema) -> None:
    """Nobody sets another person's: a reset sends a link, and her own is changed on a page of her own."""
    asked: list[str] = []
    for name, one in built.graphql.type_map.items():
        if isinstance(one, GraphQLInputObjectType):
            asked += [f"{name}.{member}" for member in one.fields]
        elif isinstance(one, GraphQLObjectType):
            asked += [f"{name}.{field}.{argument}" for field, it in one.fields.items() for argument in it.args]
    assert "UserInput.user" in asked
    assert [one for one in asked if "password" in one.rpartition(".")[2].lower()] == []
