"""Which term a question asks the meaning of, when it asks nothing else; the words around it are data."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

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
        if _asking().cues.isdisjoint(said):
            return None
        return self._terms.get(_core(question))


class _Asking(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    cues: frozenset[str]
    around: frozenset[str]


@lru_cache(maxsize=1)
def _asking() -> _Asking:
    path = Path(__file__).with_suffix(".toml")
    return _Asking.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def _core(text: str) -> tuple[str, ...]:
    """The stems of the words of `text` that do more than ask."""
    asking = _asking()
    return tuple(stem(word) for word in words(text) if word not in asking.cues and word not in asking.around)
