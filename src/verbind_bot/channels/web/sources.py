"""Everything that the answers come from: to browse, to search, to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from verbind_bot.channels.web.bibliography import bibtex, csl
from verbind_bot.channels.web.history import Loaded
from verbind_bot.channels.web.interface import templates
from verbind_bot.channels.web.snippets import snippet
from verbind_bot.channels.web.turns import passage_html
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.corpus.edition import Section
from verbind_bot.corpus.library import Corpus
from verbind_bot.parts import Parts
from verbind_bot.types import Passage, Source

router = APIRouter(include_in_schema=False)
_MOST = 30  # passages that a search shows
_GONE = "Deze passage bestaat niet (meer). Zoek haar op bij Bronnen."


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the note with its depth in the outline, and its passages."""

    section: Section
    depth: int
    passages: tuple[Passage, ...]


@router.get("/bronnen", response_class=HTMLResponse)
async def overview(request: Request, parts: Loaded, q: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
    """The outline of the note, or the passages that a search finds."""
    corpus, asked = parts.corpus, " ".join(q.split())
    found = await in_thread(request, lambda: _search(parts, asked)) if asked else []
    own: dict[str, Passage] = {}
    for passage in corpus.passages:
        if passage.source is Source.OWN:
            own.setdefault(passage.title, passage)
    values = {
        "q": asked,
        "gevonden": found[:_MOST],
        "meer": len(found) > _MOST,
        "delen": _outline(corpus),
        "eigen": own,
    }
    return templates.TemplateResponse(request, "bronnen.html", values)


@router.get("/bronnen/referenties.bib")
async def works_bibtex(parts: Loaded) -> Response:
    """The bibliography as BibTeX."""
    return _download(bibtex(parts.corpus.references.values()), "application/x-bibtex", "referenties.bib")


@router.get("/bronnen/referenties.json")
async def works_csl(parts: Loaded) -> Response:
    """The bibliography as CSL-JSON."""
    kind = "application/vnd.citationstyles.csl+json"
    return _download(csl(parts.corpus.references.values()), kind, "referenties.json")


@router.get("/bronnen/referenties", response_class=HTMLResponse)
async def works(request: Request, parts: Loaded) -> HTMLResponse:
    """The bibliography."""
    return _list(request, parts, Source.REFERENCE, "referenties")


@router.get("/bronnen/begrippen", response_class=HTMLResponse)
async def terms(request: Request, parts: Loaded) -> HTMLResponse:
    """The glossary."""
    return _list(request, parts, Source.TERM, "begrippen")


@router.get("/bronnen/{locator}", response_class=HTMLResponse)
async def section_page(request: Request, locator: str, parts: Loaded) -> HTMLResponse:
    """One section of the note; a source of one's own too, where no section has its name."""
    part = next((part for part in _outline(parts.corpus) if part.section.locator == locator), None)
    if part is None:
        return await own_page(request, locator, parts)
    values = {
        "deel": part,
        "pad": _path(parts.corpus, part.section.parent),
        "passages": [(passage, passage_html(passage)) for passage in part.passages],
        "soort": "deel",
    }
    return templates.TemplateResponse(request, "bron.html", values)


@router.get("/bronnen/eigen/{locator}", response_class=HTMLResponse)
async def own_page(request: Request, locator: str, parts: Loaded) -> HTMLResponse:
    """A source of one's own, whole; it may be named like a section or a list."""
    own = [p for p in parts.corpus.passages if (p.source, p.locator) == (Source.OWN, locator)]
    if not own:
        raise HTTPException(404, "Dit onderdeel staat niet in de bronnen. Kijk bij Bronnen wat er wel is.")
    return _read(request, own, "bron")


@router.get("/passages/{passage_id:path}", response_class=HTMLResponse)
async def passage_page(
    request: Request, passage_id: str, parts: Loaded, van: int = 0, tot: int = 0, deel: bool = False
) -> HTMLResponse:
    """One passage, the characters from `van` to `tot` marked; `deel` gives it without the page around it."""
    corpus = parts.corpus
    found = corpus.by_id.get(passage_id)
    if found is None:
        raise HTTPException(404, _GONE)
    before, after = corpus.neighbours(found)
    inhoud = passage_html(found, van, tot)
    values = {
        "passage": found,
        "inhoud": inhoud,
        "gemarkeerd": "<mark>" in inhoud,
        "pad": _path(corpus, found.locator) if found.source is Source.NOTE else [],
        "werken": [corpus.references[key] for key in found.references if key in corpus.references],
        "genoemd": _mentions(corpus, found),
        "vorige": before,
        "volgende": after,
        "deel": deel,
    }
    return templates.TemplateResponse(request, "passage_deel.html" if deel else "passage.html", values)


def _outline(corpus: Corpus) -> list[Part]:
    parents = {section.locator: section.parent for section in corpus.sections}
    by_locator: dict[str, list[Passage]] = {}
    for passage in corpus.passages:
        if passage.source is Source.NOTE:
            by_locator.setdefault(passage.locator, []).append(passage)
    parts = []
    for section in corpus.sections:
        depth, above = 0, section.parent
        while above:
            depth, above = depth + 1, parents.get(above)
        parts.append(Part(section, depth, tuple(by_locator.get(section.locator, ()))))
    return parts


def _path(corpus: Corpus, locator: str | None) -> list[Section]:
    """The sections from the top of the outline down to `locator`."""
    by_locator = {section.locator: section for section in corpus.sections}
    path: list[Section] = []
    while locator and (section := by_locator.get(locator)):
        path.insert(0, section)
        locator = section.parent
    return path


def _search(parts: Parts, asked: str) -> list[tuple[Passage, Markup]]:
    """The passages that hold these very words, then those with words of the same stem; one more than are shown."""
    corpus, lowered = parts.corpus, asked.lower()
    literal = [p for p in corpus.passages if lowered in f"{p.heading}\n{p.text}".lower()]
    terms = parts.index.words.analyzer.terms
    stems = parts.index.words.search(list(terms(asked)), _MOST + 1)
    ids = dict.fromkeys([*(p.id for p in literal), *stems])
    found = [corpus.by_id[key] for key in ids if key in corpus.by_id][: _MOST + 1]
    return [(passage, snippet(passage.text, asked, terms)) for passage in found]


def _mentions(corpus: Corpus, passage: Passage) -> list[Section]:
    """The sections that name a work."""
    if passage.source is not Source.REFERENCE:
        return []
    locators = {
        place for key in passage.references if key in corpus.references for place in corpus.references[key].locators
    }
    return [section for section in corpus.sections if section.locator in locators]


def _list(request: Request, parts: Parts, source: Source, kind: str) -> HTMLResponse:
    return _read(request, sorted((p for p in parts.corpus.passages if p.source is source), key=_title), kind)


def _title(passage: Passage) -> str:
    return passage.title.lower()


def _read(request: Request, passages: list[Passage], kind: str) -> HTMLResponse:
    """A page with these passages in full."""
    values: dict[str, Any] = {"passages": [(p, passage_html(p)) for p in passages], "soort": kind, "pad": []}
    return templates.TemplateResponse(request, "bron.html", values)


def _download(text: str, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=kind, headers=headers)
