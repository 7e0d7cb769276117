"""How a declared body (`core.http.bodies`) stands in the OpenAPI document: one component a class, enums with their labels.

drf-spectacular's own extension for pydantic names nested classes by pydantic's rules, which know nothing of a request's
`…Request`, of shared enums and of labels; this one asks drf-spectacular for every nested class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args, get_origin

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_choice_description_list, list_hash, safe_ref
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from rest_framework import serializers
from typing_extensions import is_typeddict

LABELS = "x-labels"
Refer = Callable[[type], dict[str, Any]]


class Described:
    """A declared class where drf-spectacular expects a serializer."""

    partial = False  # set by drf-spectacular for a PATCH

    def __init__(self, model: type) -> None:
        self.model = model


class DescribedList(serializers.ListSerializer[Any]):
    """A list of a declared class where drf-spectacular expects a serializer."""

    def __init__(self, child: Described) -> None:
        self.child: Any = child


def described(body: Any) -> Any:
    """A declared class, a `list[…]` of one, or one by media type, as drf-spectacular takes it; anything else as it is."""
    if isinstance(body, dict) and any("/" in media for media in body):
        return {media: described(one) for media, one in body.items()}
    if get_origin(body) is list:
        return DescribedList(Described(get_args(body)[0]))
    return Described(body) if _declared(body) else body


def _declared(body: Any) -> bool:
    return is_typeddict(body) or (isinstance(body, type) and issubclass(body, BaseModel))


class Component(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The component of a declared class."""

    target_class = Described

    def get_name(self, auto_schema: AutoSchema, direction: Any) -> str:
        return str(getattr(self.target.model, "component", "") or self.target.model.__name__)

    def get_identity(self, auto_schema: AutoSchema, direction: Any) -> Any:
        return self.target.model

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        def refer(model: type) -> dict[str, Any]:
            return auto_schema.resolve_serializer(Described(model), direction).ref  # type: ignore[arg-type]

        return _Described(self.target.model, direction, refer).whole()


class _Described(GenerateJsonSchema):
    """The JSON schema of one class; `refer` gives the reference to another."""

    def __init__(self, model: type, direction: str, refer: Refer) -> None:
        super().__init__()
        self._mode = "validation" if direction == "request" else "serialization"
        self.model, self.refer = model, refer
        self.begun = False
        self.shared: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        """The schema of the class itself."""
        schema = self.generate_inner(TypeAdapter(self.model).core_schema)
        properties = {name: _with_labels(field) for name, field in schema["properties"].items()}
        required = {"required": sorted(schema["required"])} if "required" in schema else {}
        documented = {"description": schema["description"]} if self.model.__dict__.get("__doc__") else {}
        return {"type": "object", **documented, "properties": properties, **required}

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        if "described_as" in schema.get("metadata", {}):
            return self.generate_inner(TypeAdapter(schema["metadata"]["described_as"]).core_schema)
        if (
            schema["type"] == "function-after" and schema["schema"]["type"] == "model"
        ):  # a class with a check of the whole
            return self.generate_inner(schema["schema"])
        if schema["type"] in ("model", "typed-dict") and (self.begun or schema["cls"] is not self.model):
            return self.refer(schema["cls"])
        self.begun = self.begun or schema["type"] in ("model", "typed-dict")
        unsaid = (
            {"ref", "metadata"} if schema["type"] == "enum" else {"ref"}
        )  # an enum's own docstring is not for clients
        return super().generate_inner({name: value for name, value in schema.items() if name not in unsaid})

    def definitions_schema(self, schema: core_schema.DefinitionsSchema) -> JsonSchemaValue:
        self.shared |= {shared["ref"]: shared for shared in schema["definitions"]}
        return self.generate_inner(schema["schema"])

    def definition_ref_schema(self, schema: core_schema.DefinitionReferenceSchema) -> JsonSchemaValue:
        return self.generate_inner(self.shared[schema["schema_ref"]])

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default that says nothing (left out, empty where no value may be) is not worth a line."""
        inner = self.generate_inner(schema["schema"])
        silent = schema.get("default") in (None, [], ()) or (schema.get("default") == "" and inner.get("minLength"))
        return inner if silent else super().default_schema(schema)

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if schema.get("metadata", {}).get("null_is_left_out"):
            return inner
        if "$ref" in inner:
            return {"oneOf": [inner, {"type": "null"}]}
        kinds = [inner["type"]] if isinstance(inner.get("type"), str) else inner.get("type", [])
        values = {"enum": [*inner["enum"], None]} if "enum" in inner else {}
        return {**inner, **values, "type": [*kinds, "null"]}

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        values = [member.value for member in schema["members"]]
        return choices(getattr(schema["cls"], "choices", [(value, value) for value in values]))

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        labelled = schema.get("metadata", {}).get("choices")
        return choices(labelled or [(value, value) for value in schema["expected"]])

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        return {"type": "string", "format": "decimal"}

    def handle_ref_overrides(self, json_schema: JsonSchemaValue) -> JsonSchemaValue:
        return json_schema


def choices(labelled: Iterable[tuple[Any, Any]]) -> JsonSchemaValue:
    """The schema of a value that is one of these, each with its label."""
    pairs = [(value, str(label)) for value, label in labelled]
    named = [(value, label) for value, label in pairs if value != ""]
    return {
        "enum": [value for value, _ in pairs],
        "type": "string" if isinstance(pairs[0][0], str) else "integer",
        "x-spec-enum-id": list_hash(named),
        LABELS: build_choice_description_list(named),
    }


def _with_labels(schema: dict[str, Any]) -> dict[str, Any]:
    """With the labels of an enum below what is said of the field, and a reference beside nothing else."""
    if "items" in schema:
        schema = {**schema, "items": _with_labels(schema["items"])}
    labels = schema.pop(LABELS, None)
    if labels:
        schema["description"] = f"{schema['description']}\n\n{labels}" if "description" in schema else labels
    return safe_ref(schema)
