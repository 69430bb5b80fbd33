"""The formats in which a report can be had."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from verbind_bot.errors import InputError
from verbind_bot.flows.report import Report
from verbind_bot.types import Reference

# The module of a format is imported when it is first asked for: python-docx and fpdf2 take their time.
FORMATS = {"md": "markdown", "html": "html", "docx": "word", "pdf": "pdf"}


@dataclass(frozen=True, slots=True)
class File:
    """A rendered report with what a channel must know to hand it over."""

    name: str
    media_type: str
    content: bytes


def render(report: Report, form: str, references: Mapping[str, Reference]) -> File:
    """The report in the format `form`. Raises InputError for a format that is not there."""
    if form not in FORMATS:
        raise InputError(f"Het formaat '{form[:20]}' bestaat niet. Kies uit: {', '.join(FORMATS)}.")
    module = import_module(f"verbind_bot.channels.reports.{FORMATS[form]}")
    # A header takes no other letters, and a title of somebody's flow may hold any.
    plain = unicodedata.normalize("NFKD", report.flow.split(" (")[0].lower()).encode("ascii", "ignore").decode()
    name = f"{'-'.join(re.findall(r'[a-z0-9]+', plain)) or 'verslag'}-{report.made_on:%Y-%m-%d}.{form}"
    return File(name, cast(str, module.MEDIA_TYPE), module.render(report, references))
