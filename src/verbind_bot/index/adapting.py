"""Vectors turned towards what one corpus is asked: a linear map after the embedding model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from verbind_bot.errors import SettingsError
from verbind_bot.index.embedding import Embedder, Vectors

ADAPTER = "adapter.npz"  # in the corpus folder


@dataclass(frozen=True)
class Adapter:
    """Two linear maps (d, d), for questions and for documents, and the embedding model that they follow.

    Method: a linear transformation of a frozen model's vectors, trained with a contrastive loss on questions whose
    passage is known (as in sentence-level adapters; the loss is InfoNCE of van den Oord et al., 2018).
    """

    questions: Vectors
    documents: Vectors
    model: str

    @classmethod
    def load(cls, path: Path) -> Adapter:
        """Read a fitted adapter. Raises SettingsError when the file is broken."""
        try:
            with np.load(path, allow_pickle=False) as data:
                questions, documents = data["questions"].astype(np.float32), data["documents"].astype(np.float32)
                return cls(questions, documents, str(data["model"]))
        except (OSError, KeyError, ValueError) as error:
            raise SettingsError(f"{path} kan niet gelezen worden ({error}). Zet het bestand terug.") from error

    def save(self, path: Path) -> None:
        """Write the adapter; half precision is enough for maps of unit vectors."""
        questions, documents = self.questions.astype(np.float16), self.documents.astype(np.float16)
        np.savez_compressed(path, model=np.array(self.model), questions=questions, documents=documents)

    @property
    def mark(self) -> str:
        """A fingerprint: vectors of another adapter are vectors of another model."""
        parts = (self.questions.astype(np.float16).tobytes(), self.documents.astype(np.float16).tobytes())
        return hashlib.sha256(b"".join(parts)).hexdigest()[:8]


class AdaptedEmbedder:
    """An embedder followed by an adapter; `plain` is the embedder itself."""

    def __init__(self, plain: Embedder, adapter: Adapter) -> None:
        self.plain = plain
        self._adapter = adapter
        self.name = _named(plain.name, adapter)
        self.dimension = plain.dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each question."""
        return _mapped(self.plain.embed_queries(texts), self._adapter.questions)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each document."""
        return _mapped(self.plain.embed_documents(texts), self._adapter.documents)


def adapted(embedder: Embedder, path: Path) -> Embedder:
    """The embedder with the adapter in the file `path`, or as it is when there is none for its model."""
    if not path.is_file():
        return embedder
    adapter = Adapter.load(path)
    fits = adapter.model == embedder.name and adapter.questions.shape == (embedder.dimension, embedder.dimension)
    return AdaptedEmbedder(embedder, adapter) if fits else embedder


def adapted_name(model: str, path: Path) -> str:
    """The name that `adapted` gives an embedder of this name; the model is not loaded for it."""
    adapter = Adapter.load(path) if path.is_file() else None
    return _named(model, adapter) if adapter and adapter.model == model else model


def _named(model: str, adapter: Adapter) -> str:
    return f"{model} + adapter {adapter.mark}"


def plain(embedder: Embedder) -> Embedder:
    """The embedder without an adapter, for texts that are no questions about the corpus."""
    return embedder.plain if isinstance(embedder, AdaptedEmbedder) else embedder


def _mapped(vectors: Vectors, by: Vectors) -> Vectors:
    # einsum, not @: BLAS would start threads that go on spinning while the next question is embedded.
    rows = np.einsum("nd,de->ne", vectors, by)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)
