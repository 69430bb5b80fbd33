"""Question and passages -> how well each passage answers, by a cross-encoder of sentence-transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from verbind_bot.errors import SettingsError
from verbind_bot.index.embedding import Vectors, quiet_hub


class Reranker(Protocol):
    """Reads a question together with each passage; slower than comparing vectors, and often a better judge."""

    name: str

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """One number for each text, higher for a better match; only their order means something."""
        ...


class CrossEncoderReranker:
    """A reranker over a loaded `CrossEncoder`."""

    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self._lock = threading.Lock()  # one at a time: torch uses every core already
        self.name = name

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """One float32 for each text (n)."""
        if not texts:
            return np.empty(0, dtype=np.float32)
        with self._lock:
            found = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)


def load_reranker(model: str, cache_dir: str | None = None) -> CrossEncoderReranker:
    """Load a cross-encoder by name or path. Takes seconds: sentence-transformers is imported here.

    Raises SettingsError when it cannot be loaded, or gives several numbers for a pair instead of one score.
    """
    quiet_hub()
    from sentence_transformers import CrossEncoder

    try:
        reranker = CrossEncoderReranker(CrossEncoder(model, cache_folder=cache_dir), model)
        shape = reranker.scores("vraag", ["tekst", "nog een tekst"]).shape
    except Exception as error:  # the library raises many kinds for a model that is not there
        raise SettingsError(
            f"De cross-encoder '{model}' kan niet geladen worden ({error}). Controleer VERBIND_RERANKER_MODEL: de naam "
            "van een model, of het pad van een map met een model. Of haal de instelling weg: zoeken kan ook zonder."
        ) from error
    if shape != (2,):
        raise SettingsError(
            f"Het model '{model}' geeft per vraag en passage {shape[-1]} getallen in plaats van één score, dus het is "
            "geen reranker. Kies bij VERBIND_RERANKER_MODEL een cross-encoder met één uitkomst."
        )
    return reranker
