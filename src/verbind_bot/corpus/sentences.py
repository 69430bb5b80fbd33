"""Where Dutch sentences end."""

from __future__ import annotations

import re

# A full stop after these does not end a sentence, nor does one after a single capital (initials).
_ABBREVIATIONS = frozenset(
    [
        "e.a",
        "c.s",
        "o.a",
        "bijv",
        "bijvoorb",
        "dhr",
        "mevr",
        "mw",
        "drs",
        "dr",
        "prof",
        "ir",
        "mr",
        "nr",
        "blz",
        "p",
        "pp",
        "ca",
        "enz",
        "etc",
        "evt",
        "incl",
        "excl",
        "resp",
        "zgn",
        "d.w.z",
        "i.p.v",
        "m.b.t",
        "o.l.v",
        "i.o.v",
        "t/m",
        "a.d.h.v",
        "vgl",
        "jl",
        "st",
        "art",
        "lid",
        "min",
        "max",
        "jr",
        "sr",
        "ed",
        "red",
        "al",
        "et",
        "i.v.m",
        "t.a.v",
        "z.g.n",
    ]
)
_END = re.compile(r"""[.!?…]+["'”’»)\]]*(?=\s+["'“‘«(\[]*[A-ZÀ-Þ0-9‘'“"]|\s*$)""")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of `text` as (start, end) character offsets, without the white space between them.

    Full stops in abbreviations, initials, numbers and web addresses do not end a sentence.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and len(match.group()) == 1 and _is_abbreviation(text[: match.start()]):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    return [span for span in (_trim(text, *span) for span in spans) if span[0] < span[1]]


def _is_abbreviation(before: str) -> bool:
    word = re.search(r"\S*$", before).group().lstrip("(‘“'\"[")  # type: ignore[union-attr]
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
