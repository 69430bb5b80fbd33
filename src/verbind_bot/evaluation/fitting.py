"""Labelled questions -> the coefficients of the decision to answer (`python -m verbind_bot.evaluation.fitting`).

Fits on the train split and chooses the thresholds there by cross-validation; the dev split only
reports. scikit-learn comes with sentence-transformers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from verbind_bot.answering.abstention import FITTED, Probe
from verbind_bot.answering.answerer import Answerer
from verbind_bot.answering.evidence import FEATURES
from verbind_bot.bootstrap import build
from verbind_bot.evaluation.dataset import Case, load_cases
from verbind_bot.settings import load_settings

Rows = NDArray[np.float64]
Labels = NDArray[np.int64]
_PROBE_STRENGTH = 3.0
_PROBE_GAMMA = 4.0
_SEED = 7
COLUMNS = [*FEATURES, "probe"]


def rows_of(answerer: Answerer, cases: Sequence[Case]) -> tuple[Rows, Rows]:
    """The features of every case, one row each in the order of FEATURES, and the vectors of the questions."""
    found = [answerer.evidence(c.query.text, c.query.metadata.history) for c in cases]
    return np.array([[row.features[name] for name in FEATURES] for row in found]), np.array([e.vector for e in found])


def fit_probe(vectors: Rows, labels: Labels) -> tuple[Probe, Rows]:
    """A probe on question vectors, and its value for every row as seen by a probe without it (10 folds)."""

    def train(rows: Rows, truth: Labels) -> SVC:
        return SVC(C=_PROBE_STRENGTH, gamma=_PROBE_GAMMA, class_weight="balanced").fit(rows, truth)

    held_out = np.zeros(len(labels))
    for rest, part in StratifiedKFold(10, shuffle=True, random_state=_SEED).split(vectors, labels):
        held_out[part] = train(vectors[rest], labels[rest]).decision_function(vectors[part])
    model = train(vectors, labels)
    probe = Probe(model.support_vectors_, model.dual_coef_[0], float(model.intercept_[0]), _PROBE_GAMMA)
    return probe, held_out


def fit(rows: Rows, labels: Labels, strength: float = 0.3) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """A logistic regression as data, and the cross-validated probabilities of the rows (10 folds)."""
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000))
    folds = StratifiedKFold(10, shuffle=True, random_state=_SEED)
    held_out = cross_val_predict(pipeline, rows, labels, cv=folds, method="predict_proba")[:, 1]
    pipeline.fit(rows, labels)
    scaler, model = pipeline[0], pipeline[1]
    fitted = {
        "intercept": round(float(model.intercept_[0]), 5),
        "mean": {n: round(float(x), 5) for n, x in zip(COLUMNS, scaler.mean_, strict=True)},
        "scale": {n: round(float(x) or 1.0, 5) for n, x in zip(COLUMNS, scaler.scale_, strict=True)},
        "weights": {n: round(float(x), 5) for n, x in zip(COLUMNS, model.coef_[0], strict=True)},
    }
    return fitted, held_out


def threshold_for(probabilities: NDArray[np.float64], labels: Labels, answered: float) -> float:
    """The highest threshold at which at least the share `answered` of the positives is kept."""
    return float(np.quantile(probabilities[labels == 1], 1 - answered))


def main(folder: str = "evals", answered: str = "0.965") -> None:
    """Fit, print how well it separates, and write `abstention.json`."""
    parts = build(load_settings())
    cases = [c for c in load_cases(Path(folder), "train") if c.query.metadata.kind not in ("privacy", "greeting")]
    rows, vectors = rows_of(parts.answerer, cases)
    answerable = np.array([int(c.answerable) for c in cases])
    probe, probe_held_out = fit_probe(vectors, answerable)
    rows = np.column_stack([rows, probe_held_out])
    model, held_out = fit(rows, answerable)
    border = threshold_for(held_out, answerable, float(answered))
    refusals = [i for i, c in enumerate(cases) if not c.answerable]
    on_topic = np.array([int(cases[i].query.metadata.kind != "off-topic") for i in refusals])
    topic_model, topic_held_out = fit(rows[refusals], on_topic)
    report = {
        "cases": len(cases),
        "auc": round(float(roc_auc_score(answerable, held_out)), 4),
        "answered": round(float((held_out[answerable == 1] >= border).mean()), 4),
        "refused": round(float((held_out[answerable == 0] < border).mean()), 4),
        "topic_auc": round(float(roc_auc_score(on_topic, topic_held_out)), 4),
    }
    sys.stdout.write(json.dumps(report) + "\n")
    data = {
        "model": parts.index.embedder.name,
        "answerable": model,
        "answer_from": round(border, 4),
        "on_topic": topic_model,
        "on_topic_from": round(threshold_for(topic_held_out, on_topic, 0.9), 4),
    }
    FITTED.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    probe.save(FITTED.with_suffix(".npz"))


if __name__ == "__main__":
    main(*sys.argv[1:])
