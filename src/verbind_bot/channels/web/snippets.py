"""The part of a passage that shows why a search found it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from markupsafe import Markup, escape

_SIGN = re.compile(r"^\s*(?:[-*]|\d+[.)])\s+", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_BEFORE, _LENGTH = 60, 200  # characters


def snippet(text: str, asked: str, terms: Callable[[str], Iterable[str]]) -> Markup:
    """Some 200 characters of `text` around `asked`, or the first word of it, as safe HTML with such words marked.

    `terms` gives the stems that words are compared by.
    """
    flat = " ".join(_SIGN.sub("", text).split())
    wanted = frozenset(terms(asked))
    hits = [found.span() for found in _WORD.finditer(flat) if wanted.intersection(terms(found.group()))]
    literal = flat.lower().find(asked.lower())
    shown = literal if literal >= 0 else hits[0][0] if hits else 0
    start = _word_at(flat, max(0, shown - _BEFORE))
    end = len(flat) if len(flat) - start <= _LENGTH else flat.rfind(" ", start, start + _LENGTH)
    end = end if end > start else start + _LENGTH
    parts, at = [Markup("… ") if start else Markup()], start
    for first, last in hits:
        if first >= at and last <= end:
            parts += [escape(flat[at:first]), Markup("<mark>{}</mark>").format(flat[first:last])]
            at = last
    return Markup().join([*parts, escape(flat[at:end]), " …" if end < len(flat) else ""])


def _word_at(text: str, at: int) -> int:
    """The begin of the first whole word from `at`."""
    return at if at == 0 else text.find(" ", at) + 1
