"""How well the passages are ranked, by trec_eval's own measures, and the files that trec_eval reads.

The labels name locators (sections) and single passages; what is ranked are passages. A passage is relevant with its
own grade or else that of its locator, so a locator with many passages has many relevant ones: nDCG@10 then asks for ten
of them, while the reciprocal rank and hit@k ask for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import ir_measures
from ir_measures import RR, Success, nDCG

from verbind_bot.errors import CorpusError
from verbind_bot.evaluation.dataset import Case
from verbind_bot.types import Answer, Passage

PassageGrades = Mapping[str, Mapping[str, int]]
_TAG = "verbind-bot"
_NAMES = {
    nDCG @ 10: "ndcg@10",
    RR: "rr",
    Success @ 1: "hit@1",
    Success @ 3: "hit@3",
    Success @ 5: "hit@5",
}


def passage_grades(cases: Iterable[Case], passages: Mapping[str, Passage]) -> PassageGrades:
    """The relevant passages of every case that has some, each with its own grade or that of its locator.

    Raises CorpusError for a locator or a passage that the corpus does not have.
    """
    at: dict[str, list[str]] = {}
    for key, passage in passages.items():
        at.setdefault(passage.locator, []).append(key)
    return {case.query.id: _graded(case, at, passages) for case in cases if case.relevant}


def _graded(case: Case, at: Mapping[str, Sequence[str]], passages: Mapping[str, Passage]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, grade in sorted(case.relevant.items(), key=lambda row: row[0] in passages):
        named = [key] if key in passages else at.get(key)
        if not named:
            place = f"qrels/{case.query.metadata.split}.tsv"
            raise CorpusError(f"'{key}' van vraag {case.query.id} is geen locator of passage van het corpus.", place)
        found.update(dict.fromkeys(named, grade))
    return found


def ranking_figures(answers: Mapping[str, Answer], grades: PassageGrades) -> dict[str, dict[str, float]]:
    """nDCG@10, reciprocal rank and hit@1/3/5 of every question that has relevant passages."""
    qrels = [
        ir_measures.Qrel(qid, key, grade)
        for qid, graded in grades.items()
        if qid in answers
        for key, grade in graded.items()
    ]
    if not qrels:
        return {}
    ranked = [
        ir_measures.ScoredDoc(qid, key, score)
        for qid, answer in answers.items()
        for key, score in _scored(answer).items()
    ]
    figures: dict[str, dict[str, float]] = {}
    for metric in ir_measures.iter_calc(list(_NAMES), qrels, ranked):
        figures.setdefault(metric.query_id, {})[_NAMES[metric.measure]] = float(metric.value)
    return figures


def write_trec(folder: Path, answers: Mapping[str, Answer], grades: PassageGrades) -> None:
    """Write `run.trec` and `qrels.trec`, which `trec_eval qrels.trec run.trec` can read."""
    run = [
        f"{qid} Q0 {_token(key)} {rank} {score:.6f} {_TAG}"
        for qid, answer in answers.items()
        for rank, (key, score) in enumerate(_scored(answer).items(), 1)
    ]
    qrels = [f"{qid} 0 {_token(key)} {grade}" for qid, graded in grades.items() for key, grade in graded.items()]
    for name, lines in (("run.trec", run), ("qrels.trec", qrels)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _scored(answer: Answer) -> dict[str, float]:
    """The passages with one over their rank: trec_eval sorts by score and would reorder equal rounded scores."""
    keys = dict.fromkeys(found.passage_id for found in answer.retrieved)
    return {key: 1 / rank for rank, key in enumerate(keys, 1)}


def _token(key: str) -> str:
    """A passage id without white space, which separates the fields of a TREC file."""
    return "_".join(key.split())
