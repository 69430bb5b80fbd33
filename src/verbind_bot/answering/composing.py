"""Chosen statements -> the sentences, citations and text of an answer, every quote verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verbind_bot.answering.evidence import Candidate
from verbind_bot.prompts import Prompts
from verbind_bot.types import Citation, CitedSentence, Passage, Statement


@dataclass(frozen=True, slots=True)
class Composed:
    """The cited content of an answer, before its status is said."""

    text: str
    sentences: tuple[CitedSentence, ...]
    citations: tuple[Citation, ...]


def cite(n: int, passage: Passage, statement: Statement) -> Citation:
    """Citation number `n` for a statement, with the references that the statement itself relays."""
    return Citation(
        n=n,
        locator=passage.locator,
        title=passage.title,
        source=passage.source,
        edition=passage.edition,
        quote=passage.quote(statement),
        references=statement.references,
        passage_id=passage.id,
        page=statement.page if statement.page is not None else passage.page,
    )


def cite_span(n: int, passage: Passage, start: int, end: int) -> Citation:
    """Citation number `n` for the part of a passage from `start` to `end`, with what its statements relay."""
    within = [statement for statement in passage.statements if start <= statement.start < end]
    relayed = dict.fromkeys(key for statement in within for key in statement.references)
    page = within[0].page if within else None
    whole = Statement(start, end, "", references=tuple(relayed), page=page)
    return cite(n, passage, whole)


def is_supported(sentence: str, citation: Citation, passage: Passage) -> bool:
    """Whether the quote is literally in the passage and the sentence literally in the quote."""
    return bool(citation.quote) and citation.quote in passage.text and sentence in citation.quote


def compose(
    chosen: Sequence[Candidate], prompts: Prompts, english: bool = False, missing: str | None = None
) -> Composed:
    """Write the answer. A sentence whose quote does not support it is left out, never shown."""
    sentences: list[CitedSentence] = []
    citations: list[Citation] = []
    blocks: list[dict[str, object]] = []
    for candidate in chosen:
        citation = cite(len(citations) + 1, candidate.passage, candidate.statement)
        statement = candidate.statement
        spoken = [part for part in (statement.lead, *statement.items) if part]
        if not all(is_supported(part, citation, candidate.passage) for part in spoken):
            continue
        citations.append(citation)
        sentences.extend(CitedSentence(part, (citation.n,)) for part in spoken)
        blocks.append(
            {
                "kop": statement.lead,
                "punten": statement.items,
                "genummerd": statement.numbered,
                "nummers": [citation.n],
            }
        )
    text = prompts.render("antwoord.md.j2", blokken=blocks, engels=english, ontbreekt=missing)
    return Composed(text, tuple(sentences), tuple(citations))
