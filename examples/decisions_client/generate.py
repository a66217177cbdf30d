"""Prints `terms.py` from Hallpass's OpenAPI document: `python generate.py openapi.json`."""

import json
import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

_HEAD: Final = '''"""The decision API's vocabulary, made by `generate.py` from the OpenAPI document: don't edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Literal, get_args
'''
_JSON_OF: Final = '''
def _given(values: Mapping[str, object]) -> dict[str, object]:
    """What was said: members without a value are left out."""
    return {
        name: list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in values.items()
        if value is not None
    }


def _entity(kind: str, identifier: str, **properties: object) -> Mapping[str, object]:
    said = _given(properties)
    return {"type": kind, "id": identifier} | ({"properties": said} if said else {})
'''
_SHAPES: Final = ("Decision", "QuestionError", "Evaluations", "SubjectPage", "ResourcePage", "ActionPage")
_PATHS: Final = {
    "TOKENS": "token",
    "EVALUATION_PATH": "evaluation",
    "EVALUATIONS_PATH": "evaluations",
    "SUBJECTS_PATH": "subjectSearch",
    "RESOURCES_PATH": "resourceSearch",
    "ACTIONS_PATH": "actionSearch",
}


def generated(document: Mapping[str, Any]) -> str:
    """The module's text."""
    schemas = document["components"]["schemas"]
    resources = [found["$ref"].rpartition("/")[2] for found in schemas["Resource"]["oneOf"]]
    parts = [
        _HEAD,
        "\n".join(_constants(document)),
        f"Permission = {_literal(schemas['Permission']['enum'])}",
        "PERMISSIONS: Final[frozenset[str]] = frozenset(get_args(Permission))",
        _reasons(schemas["Reason"]["enum"]),
        _JSON_OF,
        _active_role(schemas),
        *(_entity_class(name, schemas[name], schemas) for name in ("UserSubject", "ClientSubject", *resources)),
        _action(schemas["Action"]),
        "Subject = UserSubject | ClientSubject",
        f"Resource = {' | '.join(resources)}",
        f"SearchedKind = {_literal(_searched_kinds(schemas))}",
        _shapes(schemas),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _constants(document: Mapping[str, Any]) -> Iterator[str]:
    found = {
        operation["operationId"]: path for path, methods in document["paths"].items() for operation in methods.values()
    }
    for name, operation in _PATHS.items():
        yield f'{name}: Final = "{found[operation]}"'
    schemas = document["components"]["schemas"]
    yield f"MOST_QUESTIONS: Final = {schemas['Evaluations']['properties']['evaluations']['maxItems']}"
    yield f"MOST_RESULTS: Final = {schemas['SubjectPage']['properties']['results']['maxItems']}"
    yield f'VERSION_FORM: Final = r"{schemas["AccessVersion"]["pattern"]}"'


def _literal(values: list[str]) -> str:
    return f"Literal[{', '.join(json.dumps(value) for value in values)}]"


def _reasons(values: list[str]) -> str:
    members = "\n".join(f'    {value.upper().replace("-", "_")} = "{value}"' for value in values)
    return f'class Reason(StrEnum):\n    """Why: the codes that a system is told."""\n\n{members}'


def _class(name: str, words: str, fields: list[str], body: str) -> str:
    lines = [f"@dataclass(frozen=True, slots=True)\nclass {name}:", f'    """{words}"""\n', *fields, "", body]
    return "\n".join(lines)


def _active_role(schemas: Mapping[str, Any]) -> str:
    schema = schemas["ActiveRole"]
    fields = [_field(name, one, name in schema["required"]) for name, one in schema["properties"].items()]
    given = ", ".join(f'"{name}": self.{name}' for name in schema["properties"])
    body = f"    def json(self) -> Mapping[str, object]:\n        return _given({{{given}}})"
    return _class("ActiveRole", "The role under which the person acts, as the claim `active_role` says.", fields, body)


def _entity_class(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    kind = schema["properties"]["type"]["enum"][0]
    properties = schema["properties"].get("properties", {"properties": {}})
    must = properties.get("required", [])
    named = {one: properties["properties"][one] for one in properties["properties"]}
    fields = [f'    type: ClassVar[Literal["{kind}"]] = "{kind}"', "    id: str"]
    fields += [_field(one, named[one], one in must) for one in sorted(named, key=lambda one: one not in must)]
    said = "".join(f", {one}={_value(one, named[one])}" for one in named)
    body = f"    def json(self) -> Mapping[str, object]:\n        return _entity(self.type, self.id{said})"
    words = schema.get("description") or f"A {kind} by its id."
    return _class(name, _wrapped(words), fields, body)


def _value(name: str, schema: Mapping[str, Any]) -> str:
    return f"self.{name} and self.{name}.json()" if "$ref" in schema else f"self.{name}"


def _action(schema: Mapping[str, Any]) -> str:
    properties = schema["properties"]["properties"]["properties"]
    fields = ["    name: Permission", *(_field(name, one, required=False) for name, one in properties.items())]
    given = ", ".join(f'"{name}": self.{name}' for name in properties)
    body = (
        f"    def json(self) -> Mapping[str, object]:\n        said = _given({{{given}}})\n"
        '        return {"name": self.name} | ({"properties": said} if said else {})'
    )
    return _class("Action", "What is to be done; properties narrow, and never widen.", fields, body)


def _field(name: str, schema: Mapping[str, Any], required: bool) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} can't be a field.")
    kind = _type(schema)
    return f"    {name}: {kind}" if required else f"    {name}: {kind} | None = None"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return _literal(schema["enum"])
    if schema["type"] == "array":
        return f"tuple[{_type(schema['items'])}, ...]"
    return {"string": "str", "integer": "int", "boolean": "bool"}[schema["type"]]


def _searched_kinds(schemas: Mapping[str, Any]) -> list[str]:
    found = schemas["ResourceSearchRequest"]["properties"]["resource"]["oneOf"]
    return [one["properties"]["type"]["enum"][0] for one in found]


def _shapes(schemas: Mapping[str, Any]) -> str:
    lines = [
        "SHAPES: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {",
        *(line for name in _SHAPES for line in _shape(name, schemas[name])),
        "}",
        '"""Object -> the members that it must have, and those that it may have."""',
    ]
    return "\n".join(lines)


def _shape(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        raise ValueError(f"{name} may have any member: then nobody knows when it is complete.")
    sets = [
        ", ".join(json.dumps(one) for one in sorted(some))
        for some in (schema.get("required", []), schema["properties"])
    ]
    must, may = (f"frozenset({{{one}}})" if one else "frozenset()" for one in sets)
    yield f'    "{name}": ({must}, {may}),'
    for member, inner in schema["properties"].items():
        if inner.get("type") == "object":
            yield from _shape(f"{name}.{member}", inner)


def _wrapped(words: str) -> str:
    return re.sub(r"\s+", " ", words)


def main() -> None:
    print(generated(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), end="")


if __name__ == "__main__":
    main()
