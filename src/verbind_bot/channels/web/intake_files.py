"""What goes into an intake and comes out of it as a file: figures of the CBS, and the report."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from verbind_bot.channels.rendering import intake_object
from verbind_bot.channels.reports.formats import render
from verbind_bot.channels.web.intake_calls import Call
from verbind_bot.errors import ConflictError

router = APIRouter(prefix="/intakes/{intake_id}")
_SHOWN = ("html", "md")  # a browser shows these; it saves the others
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@router.post("/figures", summary="Vul cijfers in uit een CBS-bestand")
async def figures(
    call: Call,
    area: Annotated[str, Query(max_length=120, description="Naam of code: 'Overvecht, Utrecht' of WK034403")],
    year: Annotated[int | None, Query(ge=1995, le=2100)] = None,
    preview: bool = False,
    state_version: int | None = None,
) -> Response:
    """Take the figures of an area from a CSV file (the body); `preview` only shows what would be filled in."""
    data = await call.caller.request.body()
    found = await call.run(lambda service: service.figures(call.id, call.keys, data, area, year))
    if preview:
        content: dict[str, Any] = {
            "source": found.source,
            "values": dict(found.values),
            "missing": list(found.missing),
        }
        return JSONResponse(content)
    try:
        filled = await call.run(lambda service: service.fill_in(call.id, call.keys, found, state_version))
    except ConflictError as error:
        return await call.stale(error, state_version)
    return JSONResponse(intake_object(filled))


@router.get("/report", summary="Het verslag")
async def report(call: Call, form: Annotated[str, Query(alias="format")] = "md") -> Response:
    """The report of what was answered so far, as md, html, docx or pdf."""
    references = call.caller.parts.corpus.references
    file = await call.run(lambda service: render(service.report(call.id, call.keys), form, references))
    shown = "inline" if form in _SHOWN else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{file.name}"'}
    if form == "html":
        headers["Content-Security-Policy"] = _POLICY
    return Response(file.content, media_type=file.media_type, headers=headers)
