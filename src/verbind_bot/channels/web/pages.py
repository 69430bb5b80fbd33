"""The pages that people see: one that asks and answers, one per passage. They work without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from markdown_it import MarkdownIt
from markupsafe import Markup

from verbind_bot.channels.rendering import source_line
from verbind_bot.channels.web.api import Loading, in_thread
from verbind_bot.errors import QuestionError
from verbind_bot.types import Answer, Citation, Passage

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(Path(__file__).with_name("templates"))
# Answers hold text of sources and of users: no HTML, images or links of theirs are shown.
_markdown = MarkdownIt("commonmark", {"html": False}).disable(
    ["image", "link", "autolink", "html_block", "html_inline", "reference", "code", "fence", "heading", "lheading"]
)


def answer_html(answer: Answer) -> Markup:
    """The answer's Markdown as safe HTML, each [n] a link to source n."""
    known = {citation.n for citation in answer.citations}
    html = str(_markdown.render(answer.text))

    def link(match: re.Match[str]) -> str:
        n = int(match.group(1))
        return f'<a class="cite" href="#bron-{n}" aria-label="bron {n}">[{n}]</a>' if n in known else match.group()

    return Markup(re.sub(r"\[(\d{1,2})\]", link, html))  # noqa: S704  (the renderer has escaped all text)


@router.get("/", response_class=HTMLResponse)
async def home(request: Request, loader: Loading) -> HTMLResponse:
    """The page with an empty question."""
    return _home(request, loader)


@router.post("/", response_class=HTMLResponse)
async def home_ask(
    request: Request,
    loader: Loading,
    vraag: Annotated[str, Form()] = "",
    gesprek: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = "",
) -> HTMLResponse:
    """Answer a question that was sent with the form; a question that cannot be taken stays in the box."""
    if not loader.ready:
        return _home(request, loader, vraag=vraag, status=503)
    assistant = loader.parts().assistant
    try:
        answer = await in_thread(request, lambda: assistant.ask(vraag, conversation_id=gesprek or None))
    except QuestionError as error:
        return _home(request, loader, vraag=vraag, fout=str(error), status=422)
    return _home(request, loader, answer=answer)


@router.get("/passages/{passage_id:path}", response_class=HTMLResponse)
async def passage_page(request: Request, passage_id: str, loader: Loading) -> HTMLResponse:
    """One passage with its place, its works and its neighbours."""
    if not loader.ready:
        return _home(request, loader, status=503)
    corpus = loader.parts().corpus
    found = corpus.by_id.get(passage_id)
    if found is None:
        return _home(request, loader, fout="Deze passage bestaat niet (meer). Stel je vraag opnieuw.", status=404)
    before, after = corpus.neighbours(found)
    values = {
        "passage": found,
        "inhoud": Markup(_markdown.render(found.text)),  # noqa: S704  (escaped by the renderer)
        "werken": [corpus.references[key] for key in found.references if key in corpus.references],
        "vorige": before,
        "volgende": after,
    }
    return _templates.TemplateResponse(request, "passage.html", values)


def _home(
    request: Request,
    loader: Loading,
    answer: Answer | None = None,
    vraag: str = "",
    fout: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    values: dict[str, Any] = {
        "antwoord": answer,
        "html": answer_html(answer) if answer else None,
        "bronnen": _sources(answer, loader) if answer else [],
        "voorbeelden": loader.parts().answerer.examples() if loader.ready else (),
        "vraag": vraag,
        "fout": fout,
        "klaar": loader.ready,
        "stand": loader.state,
    }
    return _templates.TemplateResponse(request, "home.html", values, status_code=status)


def _sources(answer: Answer, loader: Loading) -> list[tuple[Citation, str, Passage | None]]:
    corpus = loader.parts().corpus
    return [(c, source_line(c, corpus.references), corpus.by_id.get(c.passage_id)) for c in answer.citations]
