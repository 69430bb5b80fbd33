"""BM25 over stemmed words and parts of compounds: the only importer of bm25s."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import bm25s
import numpy as np

from verbind_bot.index.dutch import Analyzer, CompoundSplitter
from verbind_bot.index.pruning import Column, best_rows
from verbind_bot.index.spelling import Spelling
from verbind_bot.types import Passage, Term

QUESTION_WEIGHT = 1
_REST = "verbind.json"


class WordIndex:
    """Which passages share words with a question, and how rare each word is.

    Method: BM25 (Lucene's variant, k1 1.2, b 0.6) as in Lù, "BM25S" (2024).
    """

    def __init__(
        self, ids: Sequence[str], retriever: bm25s.BM25, analyzer: Analyzer, frequency: Mapping[str, int]
    ) -> None:
        self._ids = list(ids)
        self._retriever = retriever
        self._frequency = dict(frequency)
        self.analyzer = analyzer
        self.spelling = Spelling(analyzer.vocabulary)

    @classmethod
    def build(cls, passages: Sequence[Passage], terms: Sequence[Term] = ()) -> WordIndex:
        """Index the text, headings and questions of `passages`."""
        vocabulary = [_text(p) for p in passages] + [name for t in terms for name in t.names]
        analyzer = Analyzer.of(vocabulary)
        documents = [analyzer.terms(_text(p)) for p in passages]
        retriever = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
        retriever.index(documents, show_progress=False)
        frequency: dict[str, int] = {}
        for document in documents:
            for term in set(document):
                frequency[term] = frequency.get(term, 0) + 1
        return cls([p.id for p in passages], retriever, analyzer, frequency)

    def save(self, folder: Path) -> None:
        """Write the index to `folder`, whole or not at all."""
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        self._retriever.save(part, show_progress=False)
        rest = {"ids": self._ids, "frequency": self._frequency, "vocabulary": sorted(self.analyzer.vocabulary)}
        (part / _REST).write_text(json.dumps(rest, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)

    @classmethod
    def load(cls, folder: Path) -> WordIndex:
        """Read what `save` wrote. Raises OSError or ValueError when it is not there or broken."""
        rest = json.loads((folder / _REST).read_text(encoding="utf-8"))
        retriever = bm25s.BM25.load(folder, show_progress=False)
        return cls(rest["ids"], retriever, Analyzer(CompoundSplitter(rest["vocabulary"])), rest["frequency"])

    def search(self, terms: Sequence[str], limit: int) -> dict[str, float]:
        """The passages with the highest scores above zero: passage id -> BM25, best first; of equals the earlier."""
        columns = [self._column(term) for term in terms if term in self._frequency]
        if not columns or limit < 1:
            return {}
        rows, scores = best_rows(columns, len(self._ids), limit)
        return {self._ids[row]: float(score) for row, score in zip(rows, scores, strict=True)}

    def _column(self, term: str) -> Column:
        """The passages that have a term, and what it adds to the score of each."""
        matrix, number = self._retriever.scores, self._retriever.vocab_dict[term]
        start, end = matrix["indptr"][number], matrix["indptr"][number + 1]
        return matrix["indices"][start:end], matrix["data"][start:end]

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a search term; the highest for a term that no passage has."""
        n, df = len(self._ids), self._frequency.get(term, 0)
        return float(np.log(1 + (n - df + 0.5) / (df + 0.5)))

    def is_common(self, term: str) -> bool:
        """Whether so many passages have a search term (a sixth, and at least three) that it points nowhere."""
        return self._frequency.get(term, 0) >= max(3, len(self._ids) / 6)

    def knows(self, term: str) -> bool:
        """Whether some passage has this search term."""
        return term in self._frequency


def _text(passage: Passage) -> str:
    return "\n".join((passage.title, passage.heading, passage.text, *passage.questions * QUESTION_WEIGHT))
