"""A report as one HTML page that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from verbind_bot.channels.reports import plot
from verbind_bot.channels.reports.words import EXPLANATION, SOURCES, cited, heavy, sources, subtitle
from verbind_bot.flows.report import Points, Report, Scores, Subheading, Table
from verbind_bot.types import CitedSentence, Reference

MEDIA_TYPE = "text/html; charset=utf-8"


def render(report: Report, references: Mapping[str, Reference]) -> bytes:
    """UTF-8 HTML with its style inside; the sources are linked to and from."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    furnish(environment)
    values = {
        "report": report,
        "subtitle": subtitle(report),
        "explanation": EXPLANATION,
        "sources_title": SOURCES,
        "sources": list(sources(report, references)),
    }
    return environment.get_template("report.html.j2").render(values).encode()


def furnish(environment: Environment) -> None:
    """Add what `blocks.html.j2` needs: tests for the kinds of blocks, and filters for their contents."""
    environment.tests |= {
        "points": lambda block: isinstance(block, Points),
        "table": lambda block: isinstance(block, Table),
        "scores": lambda block: isinstance(block, Scores),
        "subheading": lambda block: isinstance(block, Subheading),
    }
    environment.filters |= {"linked": linked, "heavy": heavy, "plot": lambda s: Markup(plot.svg(s))}  # noqa: S704  (escaped)


def linked(sentence: CitedSentence) -> Markup:
    """The sentence as HTML, each [n] a link to its source."""
    text = str(escape(cited(sentence)))
    known = {str(n) for n in sentence.citations}

    def link(match: re.Match[str]) -> str:
        n = match.group(1)
        return f'<a class="cite" href="#bron-{n}" aria-label="bron {n}">[{n}]</a>' if n in known else match.group()

    return Markup(re.sub(r"\[(\d{1,3})\]", link, text))  # noqa: S704  (the text is escaped above)
