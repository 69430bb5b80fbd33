"""Answers and passages -> plain dictionaries, and the text of sources, shared by every channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from verbind_bot.flows.view import step_object
from verbind_bot.intakes import Intake
from verbind_bot.types import Answer, Citation, Edition, Passage, Reference, Source

_EDITIONS = {Edition.REWORDED: "bewerking", Edition.ORIGINAL: "oorspronkelijke tekst"}


def answer_object(answer: Answer) -> dict[str, Any]:
    """The Answer object of the contract, ready for JSON."""
    return asdict(answer)


def intake_object(intake: Intake) -> dict[str, Any]:
    """The Intake object of the contract, ready for JSON."""
    shown = intake.view
    return {
        "id": intake.id,
        "flow": intake.flow.name,
        "flow_version": intake.flow.version,
        "title": intake.flow.title,
        "status": intake.status,
        "paused": intake.paused,
        "shared": intake.shared,
        "state_version": intake.state_version,
        "progress": {"done": shown.done, "total": shown.total},
        "answers": [
            {"step": a.step, "short": a.short, "value": a.value, "label": a.label, "origin": a.origin}
            for a in shown.answers
        ],
        "step": step_object(shown.step) if shown.step else None,
        "citations": [asdict(citation) for citation in shown.citations],
        "notice": intake.notice,
        "created_at": intake.created_at.isoformat(),
        "updated_at": intake.updated_at.isoformat(),
    }


def beir_line(passage: Passage) -> dict[str, Any]:
    """A passage as a line of a BEIR corpus."""
    return {
        "_id": passage.id,
        "title": passage.title,
        "text": passage.text,
        "metadata": {
            "locator": passage.locator,
            "heading": passage.heading,
            "source": passage.source.value,
            "edition": passage.edition.value,
            "references": list(passage.references),
            "path": passage.path,
            "span": list(passage.span),
            "page": passage.page,
        },
    }


def section_name(locator: str, title: str) -> str:
    """A section of the note as its readers name it: "2.2 Title", "Bijlage 1: Title", or just a title that says it."""
    if locator[:1].isdigit():
        return f"{locator} {title}"
    name = locator.partition("#")[0].replace("-", " ").capitalize()
    return f"{name}: {title}" if name[-1:].isdigit() and not title.startswith(name) else title


def source_line(citation: Citation, references: Mapping[str, Reference]) -> str:
    """Where a citation points to, in words: whose text, which section, and whose finding the note relays."""
    place = {
        Source.NOTE: section_name(citation.locator, citation.title),
        Source.OWN: citation.title,
    }.get(citation.source, f"{citation.title} (bij {citation.locator.replace('-', ' ')})")
    page = f", blz. {citation.page}" if citation.page is not None else ""
    kind = "het werk zelf" if citation.is_work else _EDITIONS[citation.edition]
    relayed = ", ".join(labels(citation, references))
    via = f"; de notitie geeft hier weer: {relayed}" if relayed and citation.source is Source.NOTE else ""
    return f"{place}{page} ({kind}){via}"


def labels(citation: Citation, references: Mapping[str, Reference]) -> Iterator[str]:
    """The works behind a citation as a reader would name them."""
    return (references[key].label for key in citation.references if key in references)
