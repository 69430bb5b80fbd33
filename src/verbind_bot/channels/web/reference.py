"""The API described for people, from the OpenAPI document; nothing is fetched from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from verbind_bot.channels.web.interface import templates

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API can do."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[tuple[str, str, bool], ...]
    body: str


@router.get("/docs", response_class=HTMLResponse)
async def reference(request: Request) -> HTMLResponse:
    """Every operation of the API, with a link to the document for programs."""
    document = request.app.openapi()
    return templates.TemplateResponse(request, "api.html", {"operaties": list(_operations(document))})


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            parameters = tuple(
                (p["name"], p.get("description", ""), bool(p.get("required"))) for p in found.get("parameters", [])
            )
            body = _schema(document, found.get("requestBody", {}))
            summary, description = found.get("summary", ""), found.get("description", "")
            yield Operation(method.upper(), path, summary, description, parameters, body)


def _schema(document: dict[str, Any], body: dict[str, Any]) -> str:
    """The fields of a JSON body, as JSON Schema."""
    text = json.dumps(body.get("content", {}).get("application/json", {}).get("schema", {}))
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        if f'"#/components/schemas/{name}"' in text:
            return json.dumps(schema.get("properties", {}), indent=2, ensure_ascii=False)
    return ""
