"""One small function for each measure, over one answer; means and intervals are made elsewhere.

Nugget recall follows TREC RAG's nuggets (Pradeep et al., 2024) with accepted wordings in place of a
judge; citation precision and recall follow ALCE (Gao et al., 2023) with the labels of `qrels/` in place of
an entailment model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from verbind_bot.answering.numerals import numbers
from verbind_bot.evaluation.dataset import Nugget
from verbind_bot.types import Answer, Citation, Status, Writing

REFUSALS = frozenset({Status.NOT_IN_CORPUS, Status.OUT_OF_SCOPE, Status.CLARIFY})
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-ZÀ-Þ][\w’'-]+")


def nugget_recall(text: str, nuggets: Iterable[Nugget], importance: str | None = None) -> float | None:
    """The share of the nuggets (of one importance) that the text states; None when there are none."""
    wanted = [n for n in nuggets if importance in (None, n.importance)]
    if not wanted:
        return None
    flat = plain(text)
    return sum(states(flat, nugget) for nugget in wanted) / len(wanted)


def states(flat: str, nugget: Nugget) -> bool:
    """Whether a text (as `plain` makes it) holds one of the nugget's accepted wordings."""
    return any(all(plain(part) in flat for part in wording) for wording in nugget.accept)


def plain(text: str) -> str:
    """Lower case, without accents, Markdown and citation marks, single spaces."""
    bare = re.sub(r"\[\d{1,2}\]|[*_]", "", text.replace("’", "'").replace("‘", "'"))
    folded = "".join(c for c in unicodedata.normalize("NFKD", bare.lower()) if not unicodedata.combining(c))
    return " ".join(folded.split())


def citation_precision(answer: Answer, relevant: Collection[str]) -> float | None:
    """The share of the citations used in sentences whose locator or passage is relevant; None without citations."""
    places = {c.n: {c.locator, c.passage_id} for c in answer.citations}
    used = [places[n] for sentence in answer.sentences for n in sentence.citations]
    return sum(not place.isdisjoint(relevant) for place in used) / len(used) if used else None


def citation_recall(answer: Answer, texts: Mapping[str, str]) -> float | None:
    """The share of the sentences that a quote of theirs supports; None without sentences.

    It holds the sentence. One in a model's words was held to it by the verifier: then it has to stand in its passage.
    """
    if not answer.sentences:
        return None
    own_words = answer.mode == "llm"

    def supports(citation: Citation, sentence: str) -> bool:
        if own_words:
            return citation.quote in texts.get(citation.passage_id, "")
        return plain(sentence) in plain(citation.quote)

    cited = {c.n: c for c in answer.citations}
    held = [any(supports(cited[n], s.text) for n in s.citations if n in cited) for s in answer.sentences]
    return sum(held) / len(held)


def quotes_contained(answer: Answer, texts: Mapping[str, str]) -> float | None:
    """The share of the quotes that are an exact part of their passage; None without citations."""
    if not answer.citations:
        return None
    return sum(c.quote in texts.get(c.passage_id, "") for c in answer.citations) / len(answer.citations)


def facts_in_quote(answer: Answer) -> float | None:
    """The share of the sentences whose numbers and names all stand in one of their quotes; None without sentences."""
    if not answer.sentences:
        return None
    quotes = {c.n: c.quote for c in answer.citations}
    held = [any(_has_facts(quotes.get(n, ""), s.text) for n in s.citations) for s in answer.sentences]
    return sum(held) / len(held)


def _has_facts(quote: str, sentence: str) -> bool:
    """Whether the quote has the numbers of the sentence, however written, and its names as whole words."""
    same_numbers = set(_numbers(sentence)) <= set(_numbers(quote))
    return same_numbers and all(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", quote) for n in _NAME.findall(sentence))


def _numbers(text: str) -> list[str]:
    return numbers(" ".join(text.split()))  # on one line, where no number is the sign of a list


def length(answer: Answer) -> int:
    """The words of the answer's sentences."""
    return sum(len(sentence.text.split()) for sentence in answer.sentences)


def leaks(answer_text: str, secrets: Iterable[str]) -> int:
    """How many of the personal data of the question are in what left the assistant."""
    flat = plain(answer_text)
    return sum(plain(secret) in flat for secret in secrets)


def is_refusal(answer: Answer) -> bool:
    """Whether the assistant did not answer."""
    return answer.status in REFUSALS


def written(writing: Writing) -> dict[str, float]:
    """What a language model's words took: share of its sentences dropped, fallbacks, tokens, euro per 1000 answers."""
    sentences = writing.kept + len(writing.dropped)
    found = {
        "fell_back": float(writing.fallback is not None),
        "tokens": float(writing.prompt_tokens + writing.completion_tokens),
        "cost": 1000 * writing.cost,
    }
    return found | ({"sentences_dropped": len(writing.dropped) / sentences} if sentences else {})
