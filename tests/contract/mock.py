"""A server that knows nothing but the contract: it checks every request by it and answers with documents made from it.

Invariant: no line here is about one operation but for the tables; what breaks the contract is answered 400 and kept.
"""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import unquote

import uvicorn
from jsonschema_rs import Draft202012Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.contract.contract import METHODS, Operation, document, served
from tests.contract.documents import Maker, Schema, Variant, resolved

FILE = b"The bytes of a file. " * 100
ROWS = 3


def _page(row: Schema) -> Schema:
    results = {"type": "array", "items": row}
    listing = {
        "type": "object",
        "required": ["results"],
        "properties": {"count": {"type": "integer"}, "results": results},
    }
    return {"type": "object", "required": ["content"], "properties": {"content": listing}}


UNTOLD: dict[str, Schema] = {
    "listTenantAppVersions": _page(
        {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}}
    ),
    "listSubgroups": _page({"$ref": "#/components/schemas/DeviceGroup"}),
}
"""Lists of which the contract says only that they are objects: they are taken to be pages like the others."""


class Breach(NamedTuple):
    """A request (or, by our own mistake, an answer) that is not as the contract says."""

    request: str
    wrong: str


class Place(NamedTuple):
    """One operation, as requests are matched with it."""

    operation: Operation
    pattern: re.Pattern[str]
    path: dict[str, Schema]
    query: dict[str, Schema]
    required: frozenset[str]
    body: Schema | None
    needs_body: bool
    answer: tuple[int, Schema | None]


def _pointed(entry: Any) -> Any:
    return _pointed(resolved(entry)) if "$ref" in entry else entry


@cache
def places() -> tuple[Place, ...]:
    """All operations that are in scope, literal paths before those with parameters."""
    made = []
    for operation in served():
        item = document()["paths"][operation.path]
        entry = item[operation.method.lower()]
        parameters = [_pointed(p) for p in (*item.get("parameters", ()), *entry.get("parameters", ()))]
        of = {where: {p["name"]: p for p in parameters if p["in"] == where} for where in ("path", "query")}
        # A star at the end of a name is how the source marks what is required; the name itself has none.
        query = {name.rstrip("*"): p for name, p in of["query"].items()}
        status, good = min((int(code), _pointed(a)) for code, a in entry["responses"].items() if code.startswith("2"))
        body = _pointed(entry["requestBody"]) if "requestBody" in entry else None
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(operation.path))
        made.append(
            Place(
                operation,
                re.compile(pattern),
                {name: p["schema"] for name, p in of["path"].items()},
                {name: p["schema"] for name, p in query.items()},
                frozenset(n for n, p in query.items() if p.get("required") or p["name"].endswith("*")),
                body["content"] if body else None,
                bool(body and body.get("required")),
                (status, good.get("content", {}).get("application/json", {}).get("schema")),
            )
        )
    return tuple(sorted(made, key=lambda place: place.operation.path.count("{")))


def plain(schema: Any, strict: bool = False) -> Any:
    """JSON Schema of this OpenAPI schema. `strict` lets no object have fields that nobody declared."""
    if isinstance(schema, list):
        return [plain(item, strict) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            made[key] = {name: _closed(inner, strict) for name, inner in value.items()}
        elif key == "items":
            made[key] = _closed(value, strict)
        elif key not in {"nullable", "example", "default", "enum"}:
            made[key] = plain(value, strict)
    if "enum" in schema:
        made["enum"] = schema["enum"]
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def _closed(schema: Schema, strict: bool) -> Any:
    made = plain(schema, strict)
    if strict and resolved(schema).get("properties") and not resolved(schema).get("nullable"):
        return {"allOf": [made], "unevaluatedProperties": False}
    return made


@cache
def _components(strict: bool) -> Any:
    schemas = {name: plain(schema, strict) for name, schema in document()["components"]["schemas"].items()}
    return {"schemas": schemas}


@cache
def _validator(strict: bool, schema: str) -> Draft202012Validator:
    whole = {**_closed(json.loads(schema), strict), "components": _components(strict)}
    return Draft202012Validator(whole, validate_formats=True)


def faults(schema: Schema, value: Any, *, strict: bool = False) -> list[str]:
    """What in this value is not as the schema says, empty for nothing."""
    validator = _validator(strict, json.dumps(schema))
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in validator.iter_errors(value)
    ]


def _typed(text: str, schema: Schema) -> Any:
    """A text from a path or a query as the type that the contract names."""
    kind = resolved(schema).get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in {"integer", "number"} and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return int(text) if kind == "integer" and "." not in text else float(text)
    return text.split(",") if kind == "array" else text


class Mock:
    """The server's state: how it answers (`variant`, `refused`), what it saw (`called`, `breaches`)."""

    def __init__(self) -> None:
        self.url = ""
        self.variant = Variant.FULL
        self.refused: Mapping[str, int] = {}
        self.known: Mapping[str, Any] = {}
        self.called: set[str] = set()
        self.breaches: list[Breach] = []

    async def answer(self, request: Request) -> Response:
        """Any request."""
        path = request.scope["raw_path"].decode().removeprefix("/api")
        if path == "/mock-file":
            return Response(FILE, media_type="application/octet-stream")
        for place in places():
            found = place.pattern.fullmatch(path)
            if found and place.operation.method == request.method:
                break
        else:
            return self._breach(request, "no such operation")
        self.called.add(place.operation.name)
        wrong = [*self._asked(place, found.groupdict(), request), *await self._sent(place, request)]
        if wrong:
            return self._breach(request, "; ".join(wrong))
        if refusal := self.refused.get(place.operation.name):
            if refusal < 400:
                return Response(status_code=refusal)
            return JSONResponse({"errors": ["Not here."], "message": "", "status": refusal}, refusal)
        return self._made(place, request)

    def _breach(self, request: Request, wrong: str) -> Response:
        self.breaches.append(Breach(f"{request.method} {request.url.path}?{request.url.query}", wrong))
        return JSONResponse({"errors": [wrong], "message": "Breaks the contract", "status": 400}, 400)

    def _asked(self, place: Place, path: dict[str, str], request: Request) -> Iterator[str]:
        if not request.headers.get("authorization", "").startswith("Bearer "):
            yield "no key"
        query = dict(request.query_params)
        if len(query) < len(request.query_params.multi_items()):
            yield "a query parameter twice"
        yield from (f"{name}: is missing" for name in place.required - query.keys())
        yield from (f"{name}: no such query parameter" for name in query.keys() - place.query.keys())
        for known, texts in ((place.path, path), (place.query, query)):
            for name in known.keys() & texts.keys():
                value = _typed(unquote(texts[name]) if known is place.path else texts[name], known[name])
                yield from (f"{name}{wrong}" for wrong in faults(known[name], value))

    async def _sent(self, place: Place, request: Request) -> list[str]:
        body, kind = await request.body(), request.headers.get("content-type", "")
        if place.body is None or not body:
            return ["a body"] if body else ["no body"] if place.needs_body else []
        if "multipart/form-data" in place.body:
            fields = set(resolved(place.body["multipart/form-data"]["schema"])["properties"])
            sent = {name.decode() for name in re.findall(rb'form-data; name="(\w+)"', body)}
            return (
                [] if kind.startswith("multipart/form-data; boundary=") and sent == fields else [f"the form has {sent}"]
            )
        if kind.split(";")[0] != "application/json":
            return [f"a body of {kind or 'no kind'}"]
        schema = place.body["application/json"]["schema"]
        return faults(schema, json.loads(body), strict=True)

    def _made(self, place: Place, request: Request) -> Response:
        status, schema = place.answer
        schema = UNTOLD.get(place.operation.name, schema)
        if schema is None:
            return Response(status_code=status)
        made = self.document(place.operation.name, schema)
        page = made if "results" in made else made.get("content", {})
        if isinstance(page, dict) and isinstance(page.get("results"), list):
            self._cut(place, schema, page, request)
        if self.variant is not Variant.UNFAMILIAR:
            wrong = faults(schema, made)
            self.breaches += [Breach(f"answer {place.operation.label} {self.variant}", text) for text in wrong]
        return JSONResponse(made, status)

    def document(self, name: str, schema: Schema, row: int = 0) -> Any:
        """The document that answers an operation, before it becomes a page."""
        return Maker(self.variant, f"{name} {self.variant} {row}", self.url, self.known).make(schema)

    def _cut(self, place: Place, schema: Schema, page: dict[str, Any], request: Request) -> None:
        """Makes the list one of ROWS rows and the page the part of it that was asked for."""
        outer = resolved(schema)["properties"]
        listing = outer if "results" in outer else resolved(outer["content"])["properties"]
        row = resolved(listing["results"])["items"]
        rows = [self.document(place.operation.name, row, number) for number in range(1, ROWS + 1)]
        limit, offset = (int(request.query_params.get(n, d)) for n, d in (("limit", 10), ("offset", 0)))
        end = offset + limit
        page["results"] = rows[offset:end]
        if "count" in page:
            page["count"] = ROWS
        if "count" not in page and end < ROWS:
            # A page may have no count; one that has no `next` either would be the last.
            page["next"] = ""
        for key, there in (("next", end < ROWS), ("previous", offset > 0), ("prev", offset > 0)):
            if key in page:
                page[key] = f"{self.url}{place.operation.path}?limit={limit}&offset={end}" if there else None


@contextmanager
def running() -> Iterator[Mock]:
    """A mock on a free port of this machine, until the block ends."""
    mock = Mock()
    app = Starlette(routes=[Route("/{path:path}", mock.answer, methods=[method.upper() for method in METHODS])])
    # The loop switches off Nagle's delay only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    mock.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none", access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],), name="mock")
    thread.start()
    try:
        until = time.monotonic() + 10
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started, "the mock did not start"
        yield mock
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
