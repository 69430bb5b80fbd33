"""What is embedded of a passage, and under which ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verbind_bot.corpus.library import Corpus
from verbind_bot.index.vectors import KINDS, Kind, entry_id
from verbind_bot.types import Passage, Statement


@dataclass(frozen=True, slots=True)
class Entry:
    """A text to embed."""

    id: str
    text: str


def passage_text(passage: Passage) -> str:
    """What is embedded for a passage: its heading gives the text its subject."""
    return f"{passage.heading}. {passage.text}"


def statement_text(passage: Passage, statement: Statement) -> str:
    """What is embedded for one statement of a passage."""
    return f"{passage.heading}. {statement.text}" if statement.items else statement.text


def entries_of(passage: Passage, kind: Kind) -> list[Entry]:
    """The vectors that belong to a passage, each under an id that changes with its text."""
    texts = {
        "passages": [passage_text(passage)],
        "questions": list(passage.questions),
        "statements": [statement_text(passage, s) for s in passage.statements],
    }[kind]
    return [Entry(entry_id(passage.id, text), text) for text in dict.fromkeys(texts)]


def own_ids(corpus: Corpus) -> Mapping[Kind, frozenset[str]]:
    """The ids of all vectors of a corpus."""
    return {kind: frozenset(e.id for p in corpus.passages for e in entries_of(p, kind)) for kind in KINDS}
