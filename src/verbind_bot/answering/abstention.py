"""Whether to answer, decided by a small logistic regression whose coefficients are data (`abstention.json`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from verbind_bot.answering.evidence import Evidence
from verbind_bot.errors import BROKEN_ARRAYS, SettingsError
from verbind_bot.index.embedding import DEFAULT_MODEL, Vectors
from verbind_bot.types import Source, Status

GENERAL_DECISION = Path(__file__).with_name("abstention.json")
WORDS_DECISION = Path(__file__).with_name("abstention-words.json")  # for a model whose cosines nobody fitted
CALIBRATION = "abstention.json"  # in the corpus folder, with its probe in the .npz beside it
D = TypeVar("D", bound=BaseModel)


class Logistic(BaseModel):
    """A logistic regression over named features: standardised, weighed, summed, squashed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    mean: dict[str, float]
    scale: dict[str, float]
    weights: dict[str, float]

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability, between 0 and 1, that the feature values belong to the positive class."""
        total = self.intercept + sum(
            weight * (features[name] - self.mean[name]) / self.scale[name] for name, weight in self.weights.items()
        )
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, total))))


@dataclass(frozen=True)
class Probe:
    """A reading of the question's own vector: is it like questions that the sources answer, or like those they do not?

    A support vector machine with a radial kernel: a weighted sum, over labelled questions, of how near each
    one is (Cortes & Vapnik, 1995). `vectors` (n, d), `weights` (n).
    """

    vectors: Vectors
    weights: Vectors
    intercept: float
    gamma: float

    @classmethod
    def load(cls, path: Path) -> Probe:
        """Read a fitted probe. Raises OSError, KeyError or ValueError when the file is broken."""
        with np.load(path, allow_pickle=False) as data:
            return cls(
                data["vectors"].astype(np.float32),
                data["weights"].astype(np.float32),
                float(data["intercept"]),
                float(data["gamma"]),
            )

    def save(self, path: Path) -> None:
        """Write the probe; half precision is enough for unit vectors."""
        np.savez_compressed(
            path,
            vectors=self.vectors.astype(np.float16),
            weights=self.weights.astype(np.float32),
            intercept=np.float32(self.intercept),
            gamma=np.float32(self.gamma),
        )

    def value(self, vector: Vectors) -> float:
        """The signed distance to the border; 0 for a vector of another length (of another model)."""
        if vector.shape != self.vectors.shape[1:]:
            return 0.0
        # einsum, not @: BLAS would start threads that go on spinning while the next question is embedded.
        squared = 2.0 - 2.0 * np.einsum("nd,d->n", self.vectors, vector)  # of unit vectors
        return self.intercept + float((self.weights * np.exp(-self.gamma * squared)).sum())


class Decision(BaseModel):
    """Two questions, each with its threshold: do the sources answer it, and if not, is it on their topic?"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answerable: Logistic
    answer_from: float
    on_topic: Logistic
    on_topic_from: float

    def decide(self, features: Mapping[str, float]) -> Status:
        """`answered`, `not_in_corpus` or `out_of_scope`."""
        if self.answerable.probability(features) >= self.answer_from:
            return Status.ANSWERED
        on_topic = self.on_topic.probability(features) >= self.on_topic_from
        return Status.NOT_IN_CORPUS if on_topic else Status.OUT_OF_SCOPE


class Calibration(Decision):
    """A decision for one corpus, as one embedding model sees it; `general` is for other text beside that corpus."""

    model: str
    general: Decision


@dataclass(frozen=True, slots=True)
class Verdict:
    """`answered`, `not_in_corpus` or `out_of_scope`, and the probability that the sources answer the question."""

    status: Status
    confidence: float


@dataclass(frozen=True)
class Abstention:
    """The decision to answer: for any text, and where it was calibrated for one corpus, for that corpus.

    What a corpus is asked and cannot answer is learned from labelled questions about it, so that
    knowledge lies with the corpus and says nothing of a text that a user adds.
    """

    general: Decision
    calibrated: Calibration | None = None
    probe: Probe | None = None

    @classmethod
    def load(cls, corpus: Path | None = None, model: str = "") -> Abstention:
        """Read the general decision, and the calibration in the corpus folder when it has one for the model.

        A cosine of another model than ours says something else, or nothing, so that with it the words alone decide.
        Raises SettingsError when a file is broken.
        """
        general = _read(GENERAL_DECISION if model in ("", DEFAULT_MODEL) else WORDS_DECISION, Decision)
        path = corpus / CALIBRATION if corpus else None
        if path is None or not path.is_file():
            return cls(general)
        calibrated = _read(path, Calibration)
        if calibrated.model != model:
            return cls(general)
        return cls(calibrated.general, calibrated, _probe(path))

    def weigh(self, evidence: Evidence) -> Verdict:
        """Whether to answer, and how probable it is that the sources do."""
        decision, features = self._weighed(evidence)
        return Verdict(decision.decide(features), decision.answerable.probability(features))

    def _weighed(self, evidence: Evidence) -> tuple[Decision, Mapping[str, float]]:
        """The decision that counts for the evidence, and the features that it weighs."""
        if self.calibrated is None or self.probe is None or evidence.source is Source.OWN:
            return self.general, evidence.features
        return self.calibrated, {**evidence.features, "probe": self.probe.value(evidence.vector)}


def _read(path: Path, kind: type[D]) -> D:
    try:
        return kind.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path, error) from error


def _probe(path: Path) -> Probe:
    try:
        return Probe.load(path.with_suffix(".npz"))
    except BROKEN_ARRAYS as error:
        raise _broken(path.with_suffix(".npz"), error) from error


def _broken(path: Path, error: Exception) -> SettingsError:
    return SettingsError(f"{path} kan niet gelezen worden ({error}). Zet het bestand terug.")
