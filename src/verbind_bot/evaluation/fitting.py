"""Labelled questions -> the coefficients of the decision to answer (`python -m verbind_bot.evaluation.fitting`).

Writes the calibration of the corpus at hand, with a probe, into the corpus folder. Beside it stands the general
decision for text that somebody adds; that one does without the probe and the questions of newcomers, and is fitted
over the corpus with and without the questions that are stored with its passages, for such a text has none. The same
general decision for the embedding model without an adapter, and one without any cosine for other models, go into the
package.
Thresholds are chosen on the train split by cross-validation. scikit-learn comes with
sentence-transformers.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from verbind_bot.answering.abstention import CALIBRATION, GENERAL_DECISION, WORDS_DECISION, Probe
from verbind_bot.answering.answerer import Answerer
from verbind_bot.answering.evidence import BY_WORDS, FEATURES, GENERAL
from verbind_bot.bootstrap import build
from verbind_bot.evaluation.dataset import Case, load_cases
from verbind_bot.index.adapting import ADAPTER
from verbind_bot.settings import Settings, load_settings

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
_PROBE_STRENGTH = 3.0
_PROBE_GAMMA = 1.0
_STRENGTH = 0.3
_FOLDS = 10
_SEED = 7
_GENERAL_ANSWERED = 0.985  # over an unknown text it is much less sure, so it is set to err on the side of answering
# Short questions tell little but their subject, so that what is learned from them is knowledge of this corpus: with
# them the general decision did worse over another one.
_OF_THIS_CORPUS = "nieuwkomer"
_NOT_DECIDED = ("privacy", "greeting")  # kinds whose answer does not depend on the evidence


@dataclass(frozen=True)
class Rows:
    """Features of questions (n, columns); `groups` says which rows are of the same question."""

    columns: Sequence[str]
    values: Floats
    groups: Labels

    def __getitem__(self, chosen: Labels) -> Rows:
        """Some of the rows."""
        return Rows(self.columns, self.values[chosen], self.groups[chosen])


def rows_of(answerer: Answerer, cases: Sequence[Case]) -> tuple[Floats, Floats]:
    """The features of every case, one row each in the order of FEATURES, and the vectors of the questions."""
    found = [answerer.evidence(c.query.text, c.query.metadata.history) for c in cases]
    return np.array([[row.features[name] for name in FEATURES] for row in found]), np.array([e.vector for e in found])


def fit_probe(vectors: Floats, labels: Labels) -> tuple[Probe, Floats]:
    """A probe on question vectors, and its value for every row as seen by a probe without it (10 folds)."""

    def train(rows: Floats, truth: Labels) -> SVC:
        return SVC(C=_PROBE_STRENGTH, gamma=_PROBE_GAMMA, class_weight="balanced").fit(rows, truth)

    held_out = np.zeros(len(labels))
    for rest, part in StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED).split(vectors, labels):
        held_out[part] = train(vectors[rest], labels[rest]).decision_function(vectors[part])
    model = train(vectors, labels)
    probe = Probe(model.support_vectors_, model.dual_coef_[0], float(model.intercept_[0]), _PROBE_GAMMA)
    return probe, held_out


def fit(rows: Rows, labels: Labels) -> tuple[dict[str, Any], Floats]:
    """A logistic regression as data, and the cross-validated probabilities of the rows (10 folds)."""
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=2000))
    folds = GroupKFold(_FOLDS, shuffle=True, random_state=_SEED)
    held_out = cross_val_predict(pipeline, rows.values, labels, groups=rows.groups, cv=folds, method="predict_proba")[
        :, 1
    ]
    pipeline.fit(rows.values, labels)
    scaler, model = pipeline[0], pipeline[1]

    def named(numbers: Floats) -> dict[str, float]:
        return {name: round(float(x), 5) for name, x in zip(rows.columns, numbers, strict=True)}

    fitted = {
        "intercept": round(float(model.intercept_[0]), 5),
        "mean": named(scaler.mean_),
        "scale": named(np.where(scaler.scale_ > 0, scaler.scale_, 1.0)),
        "weights": named(model.coef_[0]),
    }
    return fitted, held_out


def threshold_for(probabilities: Floats, labels: Labels, kept: float) -> float:
    """The highest threshold at which at least the share `kept` of the positives is kept."""
    return float(np.quantile(probabilities[labels == 1], 1 - kept))


def fit_decision(rows: Rows, answerable: Labels, on_topic: Labels, answered: float) -> tuple[dict[str, Any], Any]:
    """A Decision as data that answers the share `answered` of what it can, and a report of how well it separates."""
    model, held_out = fit(rows, answerable)
    border = threshold_for(held_out, answerable, answered)
    refusals = np.flatnonzero(answerable == 0).astype(np.int64)
    topic_model, topic_held_out = fit(rows[refusals], on_topic[refusals])
    decision = {
        "answerable": model,
        "answer_from": round(border, 4),
        "on_topic": topic_model,
        "on_topic_from": round(threshold_for(topic_held_out, on_topic[refusals], 0.9), 4),
    }
    report = {
        "rows": len(answerable),
        "auc": round(float(roc_auc_score(answerable, held_out)), 4),
        "answered": round(float((held_out[answerable == 1] >= border).mean()), 4),
        "refused": round(float((held_out[answerable == 0] < border).mean()), 4),
        "topic_auc": round(float(roc_auc_score(on_topic[refusals], topic_held_out)), 4),
    }
    return decision, report


def main(folder: str = "evals", answered: str = "0.96") -> None:
    """Fit, print how well it separates, and write the coefficients."""
    settings, share = load_settings(), float(answered)
    cases = [c for c in load_cases(Path(folder), "train") if c.query.metadata.kind not in _NOT_DECIDED]
    answerable = np.array([int(c.answerable) for c in cases])
    on_topic = np.array([int(c.query.metadata.kind != "off-topic") for c in cases])
    numbers = np.arange(len(cases))

    parts = build(settings)
    values, vectors = rows_of(parts.answerer, cases)
    probe, probe_held_out = fit_probe(vectors, answerable)
    rows = Rows([*FEATURES, "probe"], np.column_stack([values, probe_held_out]), numbers)
    calibrated, report = fit_decision(rows, answerable, on_topic, share)

    anywhere = np.flatnonzero([c.query.metadata.persona != _OF_THIS_CORPUS for c in cases])
    twice = np.tile(anywhere, 2)
    some = [cases[n] for n in anywhere]

    def general(columns: Sequence[str], with_questions: Floats, without: Floats) -> tuple[dict[str, Any], Any]:
        chosen = np.vstack([with_questions, without])[:, [FEATURES.index(name) for name in columns]]
        return fit_decision(Rows(columns, chosen, twice), answerable[twice], on_topic[twice], _GENERAL_ANSWERED)

    beside, beside_report = general(GENERAL, values[anywhere], _features_elsewhere(settings, some, questions=False))
    kept = {"model": parts.index.embedder.name, **calibrated, "general": beside}
    _write(settings.corpus_dir / CALIBRATION, kept, {**report, "general": beside_report})
    probe.save((settings.corpus_dir / CALIBRATION).with_suffix(".npz"))

    plain = [_features_elsewhere(settings, some, questions, adapter=False) for questions in (True, False)]
    for path, columns in ((GENERAL_DECISION, GENERAL), (WORDS_DECISION, BY_WORDS)):
        _write(path, *general(columns, *plain))


def _features_elsewhere(
    settings: Settings, cases: Sequence[Case], questions: bool = True, adapter: bool = True
) -> Floats:
    """The features of every case over a copy of the corpus without its stored questions, or without its adapter."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "corpus"
        shutil.copytree(settings.corpus_dir, copy)
        if not adapter:
            (copy / ADAPTER).unlink(missing_ok=True)
        for file in () if questions else (copy / "notitie").glob("*.md"):
            lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
            file.write_text("".join(line for line in lines if not line.startswith("? ")), encoding="utf-8")
        other = settings.model_copy(update={"corpus_dir": copy, "data_dir": Path(folder) / "data"})
        return rows_of(build(other).answerer, cases)[0]


def _write(path: Path, decision: dict[str, Any], report: dict[str, Any]) -> None:
    sys.stdout.write(f"{path.name}: {json.dumps(report)}\n")
    path.write_text(json.dumps(decision, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
