"""Vectors turned towards what one corpus is asked: changed layers of the embedding model, and a linear map after it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from verbind_bot.errors import BROKEN_ARRAYS, SettingsError
from verbind_bot.index.embedding import DEFAULT_MODEL, Embedder, Vectors
from verbind_bot.index.low_rank import Layers, changes, halves, layers_of, named

ADAPTER = "adapter.npz"  # in the corpus folder


@dataclass(frozen=True)
class Adapter:
    """What is learned for one corpus on top of one embedding model.

    `questions` and `documents` are linear maps (d, d) of the model's vectors, `layers` changes weights inside the
    model. Both are trained with a contrastive loss (InfoNCE, van den Oord et al., 2018) on questions whose passage is
    known.
    """

    questions: Vectors
    documents: Vectors
    model: str
    layers: Layers = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Adapter:
        """Read a fitted adapter. Raises SettingsError when the file is broken."""
        try:
            with np.load(path, allow_pickle=False) as data:
                found = {key: data[key].astype(np.float32) for key in data.files if key != "model"}
                return cls(found["questions"], found["documents"], str(data["model"]), layers_of(found))
        except BROKEN_ARRAYS as error:
            raise SettingsError(f"{path} kan niet gelezen worden ({error}). Zet het bestand terug.") from error

    def save(self, path: Path) -> None:
        """Write the adapter; half precision is enough for maps of unit vectors and for small changes."""
        np.savez_compressed(path, model=np.array(self.model), **halves({**self._maps, **named(self.layers)}))

    @property
    def _maps(self) -> dict[str, Vectors]:
        return {"questions": self.questions, "documents": self.documents}

    @property
    def mark(self) -> str:
        """A fingerprint: vectors of another adapter are vectors of another model."""
        maps = [matrix.tobytes() for matrix in halves(self._maps).values()]
        layers = [key.encode() + matrix.tobytes() for key, matrix in halves(named(self.layers)).items()]
        return hashlib.sha256(b"".join(maps + layers)).hexdigest()[:8]


class AdaptedEmbedder:
    """An embedder with an adapter; `plain` is the embedder itself."""

    def __init__(self, plain: Embedder, adapter: Adapter) -> None:
        """Takes a few seconds when layers change. Raises SettingsError for a model whose layers cannot be changed."""
        self.plain = plain
        self._adapter = adapter
        self._inner = _with_layers(adapter) if adapter.layers else plain
        self.name = _named(plain.name, adapter)
        self.dimension = plain.dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each question."""
        return _mapped(self._inner.embed_queries(texts), self._adapter.questions)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each document."""
        return _mapped(self._inner.embed_documents(texts), self._adapter.documents)


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


def _with_layers(adapter: Adapter) -> Embedder:
    if adapter.model != DEFAULT_MODEL:
        raise SettingsError(f"Alleen van '{DEFAULT_MODEL}' kunnen lagen aangepast worden, niet van '{adapter.model}'.")
    from verbind_bot.index.e5 import E5Embedder  # torch and transformers take a second

    return E5Embedder(changes(adapter.layers))


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
