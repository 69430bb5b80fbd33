"""Which term a question asks the meaning of, when it asks nothing else; the words around it are data."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from verbind_bot.index.dutch import stem, words
from verbind_bot.types import Term


class Glossary:
    """The terms that a corpus explains, by their own name and by what an abbreviation stands for.

    Their synonyms are words to search with and not always the same thing, so those are no entries.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        expansions = {_core(term.expansion): term for term in terms}
        self._terms = {**expansions, **{_core(term.term): term for term in terms}}
        self._terms.pop((), None)  # no expansion, or a name of nothing but words that ask

    def asked(self, question: str) -> Term | None:
        """The term that `question` asks to explain; None when it asks something else, or more."""
        said = words(question)
        row = f" {' '.join(said)} "
        if not any(cue.issubset(said) for cue in _asking().cues) or any(f" {one} " in row for one in _asking().never):
            return None
        return self._terms.get(_core(question))


@dataclass(frozen=True)
class _Asking:
    cues: tuple[frozenset[str], ...]
    never: tuple[str, ...]
    around: frozenset[str]


@lru_cache(maxsize=1)
def _asking() -> _Asking:
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    cues = tuple(frozenset(cue.split()) for cue in data["cues"])
    return _Asking(cues, tuple(data["never"]), frozenset(data["around"]).union(*cues))


def _core(text: str) -> tuple[str, ...]:
    """The stems of the words of `text` that do more than ask."""
    return tuple(stem(word) for word in words(text) if word not in _asking().around)
