"""An answer -> what a page shows of it: safe HTML, sources with their links, and text to copy."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from urllib.parse import quote

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from verbind_bot.channels.rendering import labels, source_line
from verbind_bot.corpus.library import Corpus
from verbind_bot.types import Answer, Citation, Passage, Source, Status

# Answers hold text of sources and of users: no HTML, images or links of theirs are shown.
_markdown = MarkdownIt("commonmark", {"html": False}).disable(
    ["image", "link", "autolink", "html_block", "html_inline", "reference", "code", "fence", "heading", "lheading"]
)
_MASK = re.compile(r"\[[\w-]+\]")
_CITED = re.compile(r"\[\d{1,2}\]")
_MARKER = re.compile(r"^(?:[-*]|\d+[.)])\s+")
_OPEN, _CLOSE = "\ue000", "\ue001"  # private characters, which no source has
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A citation as the page shows it: who says it, where, and the page that opens; `literal`: the answer has it."""

    citation: Citation
    says: str
    place: str
    href: str
    literal: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer; `kept` says whether it can be opened again, `share` the secret of its link."""

    answer: Answer
    question: Markup
    html: Markup
    sources: tuple[Shown, ...]
    near: tuple[Passage, ...]
    copy: str
    kept: bool
    share: str = ""


def turn_of(
    answer: Answer, corpus: Corpus, words: SimpleNamespace, kept: bool, share: str = "", here: bool = False
) -> Turn:
    """What the page shows of an answer; `here` keeps each [n] on the page, beside a form that is half filled."""
    said = _bare(answer.text)
    sources = tuple(_shown(citation, corpus, words, said) for citation in answer.citations)
    by_number = {shown.citation.n: shown for shown in sources}
    return Turn(
        answer=answer,
        question=_with_masks(answer),
        html=text_html(_without_missing(answer), lambda n: _link(answer, by_number.get(n), words, here)),
        sources=sources,
        near=_near(answer, corpus),
        copy=_copy(answer, sources),
        kept=kept,
        share=share,
    )


def text_html(text: str, link: Callable[[int], str | None]) -> Markup:
    """Markdown as safe HTML, with `link` in the place of each [n]."""
    html = str(_markdown.render(text))
    return Markup(re.sub(r"\[(\d{1,2})\]", lambda m: link(int(m.group(1))) or m.group(), html))  # noqa: S704  (escaped)


def passage_html(passage: Passage, start: int = 0, end: int = 0) -> Markup:
    """The passage's text as safe HTML, the characters from `start` to `end` marked."""
    text = passage.text
    if 0 <= start < end <= len(text):
        lines = [_marked(line) for line in text[start:end].split("\n")]
        text = text[:start] + "\n".join(lines) + text[end:]
    html = str(_markdown.render(text)).replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>")
    return Markup(html)  # noqa: S704  (escaped by the renderer)


def passage_link(passage: Passage | None, passage_id: str, quoted: str = "") -> str:
    """The address of a passage, with the place of the quote in it."""
    href = f"/passages/{quote(passage_id, safe=':')}"
    start = passage.text.find(quoted) if passage and quoted else -1
    return f"{href}?van={start}&tot={start + len(quoted)}" if start >= 0 else href


def citation_link(corpus: Corpus, citation: Citation) -> str:
    """The address of the passage that a citation points to, with its quote marked."""
    return passage_link(corpus.by_id.get(citation.passage_id), citation.passage_id, citation.quote)


def _shown(citation: Citation, corpus: Corpus, words: SimpleNamespace, said: str) -> Shown:
    place = source_line(replace(citation, references=()), corpus.references)  # `says` names the works already
    href, literal = citation_link(corpus, citation), _bare(citation.quote) in said
    return Shown(citation, _says(citation, corpus, words), place, href, literal)


def _bare(text: str) -> str:
    """The words alone: without citations, the signs of lists, and space."""
    return re.sub(r"\W+", "", _CITED.sub("", text))


def _says(citation: Citation, corpus: Corpus, words: SimpleNamespace) -> str:
    """Whose words these are: the note's own, or those of a work that the note reports."""
    works = ", ".join(labels(citation, corpus.references))
    says: str
    match citation.source:
        case Source.OWN:
            says = (words.says_itself if citation.is_work else words.says_own) % citation.title
        case Source.TERM:
            says = words.says_term
        case Source.REFERENCE:
            says = words.says_work % works
        case _:
            says = words.says_via % works if works else words.says_note
    return says


def _link(answer: Answer, shown: Shown | None, words: SimpleNamespace, here: bool) -> str | None:
    if shown is None:
        return None
    n, kind = shown.citation.n, "cite via" if shown.citation.relayed else "cite"
    named = f"{words.source} {n}: {shown.says}"
    place = f"{answer.id}-{n}"
    href = f"#bron-{place}" if here else shown.href
    link = Markup('<a class="{}" href="{}" data-bron="{}" aria-label="{}">[{}]</a>')
    return str(link.format(kind, href, place, named, n))


def _with_masks(answer: Answer) -> Markup:
    if answer.status is not Status.PRIVACY:
        return escape(answer.question)
    return Markup(_MASK.sub(lambda m: f"<mark>{m.group()}</mark>", str(escape(answer.question))))  # noqa: S704


def _without_missing(answer: Answer) -> str:
    return answer.text.replace(answer.missing, "").strip() if answer.missing else answer.text


def _near(answer: Answer, corpus: Corpus) -> tuple[Passage, ...]:
    """The nearest passages of a refusal that its text does not name yet."""
    if answer.status is not Status.NOT_IN_CORPUS:
        return ()
    named = {citation.passage_id for citation in answer.citations}
    found = (corpus.by_id.get(r.passage_id) for r in answer.retrieved if r.passage_id not in named)
    return tuple(passage for passage in found if passage)[:_NEAREST]


def _copy(answer: Answer, sources: tuple[Shown, ...]) -> str:
    lines = [f"[{s.citation.n}] {s.says}: “{' '.join(s.citation.quote.split())}” ({s.place})" for s in sources]
    return "\n\n".join(part for part in (answer.question, answer.text.strip(), "\n".join(lines)) if part)


def _marked(line: str) -> str:
    """The line with marks around what it says, not around the sign of its list."""
    if not line.strip():
        return line
    sign = _MARKER.match(line)
    at = sign.end() if sign else 0
    return f"{line[:at]}{_OPEN}{line[at:]}{_CLOSE}"
