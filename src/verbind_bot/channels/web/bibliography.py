"""The works that the note cites, as BibTeX and as CSL-JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from verbind_bot.types import Reference

_NAMES = ("author", "editor")  # kept whole: most are organisations, and the note gives surnames only
_SPECIAL = re.compile(r"([&%$#_])")
_CSL_TYPES = {
    "article": "article-journal",
    "book": "book",
    "incollection": "chapter",
    "online": "webpage",
    "report": "report",
    "techreport": "report",
    "thesis": "thesis",
}
_CSL_FIELDS = {
    "title": "title",
    "url": "URL",
    "doi": "DOI",
    "isbn": "ISBN",
    "publisher": "publisher",
    "institution": "publisher",
    "journal": "container-title",
    "booktitle": "container-title",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
}


def bibtex(works: Iterable[Reference]) -> str:
    """The works as a BibTeX file."""
    return "\n".join(_entry(work) for work in works)


def csl(works: Iterable[Reference]) -> str:
    """The works as CSL-JSON, which Zotero and Word's reference managers read."""
    return json.dumps([_item(work) for work in works], ensure_ascii=False, indent=2) + "\n"


def _entry(work: Reference) -> str:
    lines = [f"@{work.kind}{{{work.key},"]
    for name, value in work.fields:
        text = value if name == "url" else _SPECIAL.sub(r"\\\1", value)
        lines.append(f"  {name} = {{{{{text}}}}}," if name in _NAMES else f"  {name} = {{{text}}},")
    return "\n".join([*lines, "}", ""])


def _item(work: Reference) -> dict[str, Any]:
    item: dict[str, Any] = {"id": work.key, "type": _CSL_TYPES.get(work.kind, "document")}
    for name, value in work.fields:
        if name in _NAMES:
            item[name] = [{"literal": value}]
        elif name == "year":
            item["issued"] = {"date-parts": [[int(value)]]} if value.isdigit() else {"literal": value}
        elif name in _CSL_FIELDS:
            item[_CSL_FIELDS[name]] = value
    return item
