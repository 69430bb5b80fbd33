"""The words around a report that every format has: its subtitle, its numbered sources, and marks of weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verbind_bot.channels.rendering import source_line
from verbind_bot.flows.report import Point, Report
from verbind_bot.types import CitedSentence, Reference

SOURCES = "Bronnen"
EXPLANATION = (
    "Een nummer tussen haken, zoals [1], wijst naar een bron onderaan. De bronnen zijn passages uit de NJi-notitie "
    "over het verbinden van school en wijk, in de bewerking van verbind-bot. Dit verslag helpt om te kiezen; de school "
    "beslist."
)
_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni", "juli"),
    *("augustus", "september", "oktober", "november", "december"),
)


def subtitle(report: Report) -> str:
    """Which flow, when, and whether it is finished."""
    made = f"{report.made_on.day} {_MONTHS[report.made_on.month - 1]} {report.made_on.year}"
    state = "" if report.finished else " · tussenstand: nog niet alle vragen zijn beantwoord"
    return f"{report.flow} · {made}{state}"


def numbers(sentence: CitedSentence) -> str:
    """The sentence's sources as [1][2]."""
    return "".join(f"[{n}]" for n in sentence.citations)


def cited(sentence: CitedSentence) -> str:
    """The sentence followed by its sources."""
    return f"{sentence.text} {numbers(sentence)}".rstrip()


def heavy(point: Point) -> str:
    """How an argument that weighs heavily is marked."""
    return "Weegt zwaar: " if point.weight == 3 else ""


def sources(report: Report, references: Mapping[str, Reference]) -> Iterator[tuple[int, str, str]]:
    """Number, place and quote of each source."""
    for citation in report.citations:
        yield citation.n, source_line(citation, references), " ".join(citation.quote.split())
