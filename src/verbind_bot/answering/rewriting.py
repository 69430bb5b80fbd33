"""A question that leans on earlier ones -> a question that stands on its own, in the asker's own words."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from verbind_bot.answering.claims import denials, names
from verbind_bot.answering.drafting import after_thought, schema_of
from verbind_bot.answering.numerals import numbers
from verbind_bot.answering.reading import leans_on_history
from verbind_bot.answering.writing import LanguageModel
from verbind_bot.errors import LanguageModelError
from verbind_bot.index.dutch import content_terms
from verbind_bot.llm.types import Message
from verbind_bot.prompts import Prompts

_LONGEST = 40  # words
_MOST_NEW = 1  # words that carry meaning and that nobody in the conversation used


class _Rewrite(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=3, max_length=400)


class Rewriter:
    """Has a language model complete a follow-up question, and takes only what the conversation itself holds."""

    def __init__(self, model: LanguageModel, prompts: Prompts) -> None:
        self._model = model
        self._prompts = prompts

    def rewrite(self, question: str, history: Sequence[str]) -> str | None:
        """The whole question, or None when the model fails or brings in what was not asked."""
        asked = self._prompts.render("taalmodel_vervolg.md.j2", eerder=list(history), vraag=question)
        try:
            with self._model.stream([Message("user", asked)], schema_of(_Rewrite)) as stream:
                text = "".join(stream)
            start = text.index("{", after_thought(text))
            value, _ = json.JSONDecoder().raw_decode(text, start)
            whole = " ".join(_Rewrite.model_validate(value).question.split())
        except (LanguageModelError, ValueError, ValidationError, RecursionError):
            return None
        return whole if stays_with(whole, [*history, question]) and completes(whole, question, history) else None


def completes(whole: str, question: str, history: Sequence[str]) -> bool:
    """Whether `whole` says all that `question` says, and with it what it left to the earlier questions."""
    said, asked = set(content_terms(whole)), set(content_terms(question))
    earlier = {term for turn in history for term in content_terms(turn)}
    return asked <= said and bool((said - asked) & earlier) and not leans_on_history(whole)


def stays_with(question: str, turns: Sequence[str]) -> bool:
    """Whether `question` holds no number, name or denial, and hardly a word, that the turns do not have."""
    said = " ".join(turns)
    known = set(content_terms(said))
    new = [term for term in dict.fromkeys(content_terms(question)) if term not in known]
    fold_names = {name.lower() for name in names(question)}
    return (
        len(question.split()) <= _LONGEST
        and len(new) <= _MOST_NEW
        and set(numbers(question)) <= set(numbers(said))
        and all(name in said.lower() for name in fold_names)
        and bool(denials(question)) <= bool(denials(said))
    )
