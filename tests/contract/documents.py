"""Documents made from the contract's schemas, the same ones every time, in five ways.

Invariant: what is made for any variant but UNFAMILIAR fits its schema; two rows differ in every id and text.
"""

import random
import re
import uuid
from collections.abc import Mapping
from enum import StrEnum
from functools import reduce
from typing import Any

from tests.contract.contract import document

Schema = Mapping[str, Any]
_DEEPEST = 8
_NAMING = frozenset({"id", "session_id", "url"})
# Tried in order where a text has to fit a pattern.
_SHAPED = (
    "com.example.app", "Europe/Berlin", "PT10M30S", "12.5", "10.0.0.1", "09:30", "en_US", "YWJj", "24", "30",
    "STANDARD", "ACTIVE",
)  # fmt: skip


class Variant(StrEnum):
    """FULL: every field. REQUIRED: no others. LEAST: these and what identifies a thing, which the contract often forgets.

    NULLS: null wherever one may stand. UNFAMILIAR: fields and words of later.
    """

    FULL = "full"
    REQUIRED = "required"
    LEAST = "least"
    NULLS = "nulls"
    UNFAMILIAR = "unfamiliar"


def resolved(schema: Schema) -> Schema:
    """The schema behind a reference, with its `allOf` folded into one."""
    while "$ref" in schema:
        schema = reduce(lambda node, key: node[key], schema["$ref"].removeprefix("#/").split("/"), document())
    if "allOf" not in schema:
        return schema
    whole: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for inner in map(resolved, schema["allOf"]):
        properties = {**whole.get("properties", {}), **inner.get("properties", {})}
        required = [*whole.get("required", ()), *inner.get("required", ())]
        whole = {**inner, **whole}
        if properties:
            whole |= {"properties": properties, "required": required}
    return whole


class Maker:
    """Makes one document. `address` stands at the front of every address in it; `known` are values of certain fields."""

    def __init__(self, variant: Variant, seed: str, address: str, known: Mapping[str, Any]) -> None:
        self._variant = variant
        self._chance = random.Random(seed)
        self._sparse = variant in {Variant.REQUIRED, Variant.LEAST}
        self._address, self._known = address, known

    def make(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """A value of this schema; `name` is the field it is for."""
        schema = resolved(schema)
        if schema.get("nullable") and (self._variant is Variant.NULLS or depth > _DEEPEST):
            return None
        if name in self._known:
            return self._known[name]
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return self.make(schema[choice][0], name, depth)
        if "enum" in schema:
            return self._listed([value for value in schema["enum"] if value is not None])
        kind = schema.get("type") or ("object" if "properties" in schema else "string")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            rows = max(schema.get("minItems", 0), 0 if self._sparse else 2)
            return [self.make(schema.get("items", {}), name, depth + 1) for _ in range(rows)]
        if kind == "boolean":
            return self._chance.random() < 0.5
        if kind in {"integer", "number"}:
            return self._number(schema, kind)
        return self._text(schema, name)

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        made = {
            key: self.make(inner, key, depth + 1)
            for key, inner in schema.get("properties", {}).items()
            if key in required
            or (not self._sparse and depth <= _DEEPEST)
            or (self._variant is Variant.LEAST and key in _NAMING)
        }
        inner = schema.get("additionalProperties")
        if isinstance(inner, dict) and not self._sparse:
            made["something"] = self.make(inner, "something", depth + 1)
        if self._variant is Variant.UNFAMILIAR:
            made |= {"zz_later": {"deep": [1, None, {"x": "y"}]}, "zz_text": "later", "": None}
        return made

    def _listed(self, values: list[Any]) -> Any:
        if self._variant is Variant.UNFAMILIAR:
            return 987 if isinstance(values[0], int) else "Something Of Later"
        return self._chance.choice(values)

    def _number(self, schema: Schema, kind: str) -> int | float:
        low = schema.get("minimum", 1)
        value = self._chance.randint(int(low), int(min(schema.get("maximum", low + 90), low + 90)))
        return value if kind == "integer" else float(value)

    def _text(self, schema: Schema, name: str) -> str:
        if pattern := schema.get("pattern"):
            return next(text for text in _SHAPED if re.search(pattern, text))
        made = self._formatted(str(schema.get("format", "")), name)
        made = made.ljust(schema.get("minLength", 1), "x")
        return made[: schema["maxLength"]] if "maxLength" in schema else made

    def _formatted(self, kind: str, name: str) -> str:
        number = self._chance.randrange(10**9)
        match kind:
            case "uuid":
                return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
            case "date-time":
                return f"2026-03-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}:00Z"
            case "uri":
                return f"{self._address}/{name}/{uuid.UUID(int=self._chance.getrandbits(128), version=4)}/"
            case "email":
                return f"someone{number}@example.com"
            case "ipv4":
                return f"10.0.{number % 256}.{number // 256 % 256}"
            case "decimal":
                return f"{number % 80}.25"
        return f"{name}-{number}"
