"""What every format is read into."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from verbind_bot.errors import CorpusError

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "\u00a0": " ", "\u2011": "-"})
# No text of a source may hold characters that are not seen, turn the reading direction, or that we use as marks.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\ue000-\uf8ff]"
)
_SPACES = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A heading (level 1 to 6), an item of a list (starts with its sign), running text, or nothing: a gap.

    Lines of running text without a gap between them are one paragraph. `page` counts from 1.
    """

    text: str
    level: int = 0
    page: int | None = None


GAP = Line("")


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it is read: its lines in reading order, and its title when the file says one."""

    lines: tuple[Line, ...]
    title: str = ""

    @property
    def words(self) -> int:
        """The number of words in it."""
        return sum(len(line.text.split()) for line in self.lines)

    def to_json(self) -> str:
        """The document as one JSON object."""
        return json.dumps(
            {"title": self.title, "lines": [[line.text, line.level, line.page] for line in self.lines]},
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Document:
        """The document that `to_json` wrote. Raises ValueError for anything else."""
        try:
            return cls._of(json.loads(text))
        except (TypeError, KeyError, ValueError, RecursionError) as error:
            raise ValueError("not a document") from error

    @classmethod
    def _of(cls, data: Any) -> Document:
        lines = []
        for words, level, page in data["lines"]:
            if not (isinstance(words, str) and isinstance(level, int) and isinstance(page, int | None)):
                raise TypeError("not a line")
            lines.append(Line(words, level, page))
        return cls(tuple(lines), str(data["title"]))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a source may ask of this machine: bytes, seconds, characters of text, and bytes of memory to read it."""

    bytes: int = 50 * 2**20
    seconds: int = 120
    characters: int = 5_000_000
    memory: int = 1536 * 2**20


def clean(text: str) -> str:
    """One line of text without unseen characters, ligatures or double spaces."""
    text = unicodedata.normalize("NFC", text.translate(_LIGATURES))
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()


def bounded(lines: Iterable[Line], limit: int) -> tuple[Line, ...]:
    """All lines, unless they hold more than `limit` characters: then CorpusError."""
    kept, size = [], 0
    for line in lines:
        size += len(line.text) + 1
        if size > limit:
            raise CorpusError(
                f"hier staat meer dan {limit} tekens tekst in. Deel het op in kleinere bestanden, per hoofdstuk."
            )
        kept.append(line)
    return tuple(kept)
