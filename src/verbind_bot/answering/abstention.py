"""Whether to answer, decided by a small logistic regression whose coefficients are data (`abstention.json`)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from verbind_bot.answering.evidence import Evidence
from verbind_bot.errors import SettingsError
from verbind_bot.index.embedding import Vectors
from verbind_bot.types import Status


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


class Probe(BaseModel):
    """A linear reading of the question's own vector: does it ask for the kind of thing that the sources tell?"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    weights: list[float]

    def value(self, vector: Vectors) -> float:
        """The signed distance to the border; 0 for a vector of another length (of another model)."""
        if len(vector) != len(self.weights):
            return 0.0
        return self.intercept + float(np.dot(vector, np.asarray(self.weights, dtype=np.float32)))


class Abstention(BaseModel):
    """Two questions, each with its threshold: do the sources answer it, and if not, is it on their topic?"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    probe: Probe
    answerable: Logistic
    answer_from: float
    on_topic: Logistic
    on_topic_from: float

    @classmethod
    def load(cls, path: Path = Path(__file__).with_name("abstention.json")) -> Abstention:
        """Read the fitted coefficients. Raises SettingsError when the file is broken."""
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path} kan niet gelezen worden ({error}). Zet het bestand terug.") from error

    def decide(self, evidence: Evidence) -> Status:
        """`answered`, `not_in_corpus` or `out_of_scope`."""
        features = {**evidence.features, "probe": self.probe.value(evidence.vector)}
        if self.answerable.probability(features) >= self.answer_from:
            return Status.ANSWERED
        on_topic = self.on_topic.probability(features) >= self.on_topic_from
        return Status.NOT_IN_CORPUS if on_topic else Status.OUT_OF_SCOPE
