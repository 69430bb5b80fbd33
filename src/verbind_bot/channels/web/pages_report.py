"""The report of an intake as a page."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from verbind_bot.channels.reports.words import EXPLANATION, sources, subtitle
from verbind_bot.channels.web.turns import citation_link
from verbind_bot.channels.web.visits import HOME, Visiting

router = APIRouter(include_in_schema=False)


@router.get(HOME + "/{intake_id}/verslag", response_class=HTMLResponse)
async def report_page(intake_id: str, visit: Visiting) -> HTMLResponse:
    """The report of what was answered so far, with its files."""
    report = await visit.run(lambda service: service.report(intake_id, visit.keys))
    found = sources(report, visit.parts.corpus.references)
    return visit.page(
        "intake_verslag.html",
        id=intake_id,
        verslag=report,
        ondertitel=subtitle(report),
        uitleg=EXPLANATION,
        bronnen=[
            (citation_link(visit.parts.corpus, citation), *source, "via" if citation.relayed else "zelf")
            for citation, source in zip(report.citations, found, strict=True)
        ],
    )
