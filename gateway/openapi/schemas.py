"""The small JSON Schemas that the document's larger ones are made of, and references to the latter."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from gateway.decisions.reading import LONGEST_TEXT

Schema = Mapping[str, Any]
TEXT: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": "^[^\\u0000]*$"}
"""What the decision API takes as a text."""
WORD: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
ADDRESS: Final[Schema] = {"type": "string", "format": "uri"}


def described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def one_of(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def listed(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def members(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, **more: Any) -> Schema:
    """An object with these members and no others."""
    return {**open_members(required, optional), "additionalProperties": False, **more}


def open_members(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these members; what it has besides is not read."""
    found: dict[str, Any] = {"type": "object", "properties": {**required, **(optional or {})}}
    if required:
        found["required"] = list(required)
    return found


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def json_content(schema: Schema, media_type: str = "application/json") -> Mapping[str, Any]:
    return {media_type: {"schema": schema}}


def shape_of(value: object) -> Schema:
    """The schema of a document like this one: its members, each of the type that it has here."""
    if isinstance(value, bool):
        return FLAG
    if isinstance(value, str):
        return ADDRESS if "://" in value else WORD
    if isinstance(value, list) and value:
        return listed(shape_of(cast(list[object], value)[0]))
    if isinstance(value, Mapping):
        return members({name: shape_of(one) for name, one in cast(Mapping[str, object], value).items()})
    raise TypeError(f"{value!r} has no shape.")
