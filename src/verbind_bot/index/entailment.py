"""Does one text say what another says? A small language model with changed layers reads both together."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from verbind_bot.errors import BROKEN_ARRAYS, SettingsError
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.gemma_package import installed
from verbind_bot.index.low_rank import Layers, changes, halves, layers_of, named

if TYPE_CHECKING:
    import torch

    from verbind_bot.index.gemma import Gemma

ENTAILMENT = "entailment.npz"  # in the corpus folder
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


class Bars(NamedTuple):
    """The probabilities from which a pair counts as supported, the more there is against it by other signs."""

    enough: float  # nothing
    sure: float  # a doubt
    certain: float  # a grave objection


@dataclass(frozen=True)
class Entailment:
    """A judge of pairs; the model is loaded when the first pair comes.

    Method: a cross-encoder. The state of the last piece and the mean of those of the sentence go through the head.
    `passages` are the marks (`mark_of`) of the texts whose quotes it learned from.
    """

    layers: Layers
    head: Head
    bars: Bars
    passages: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> Entailment | None:
        """Read a fitted judge; None when there is none, or no model for it. Raises SettingsError when it is broken."""
        if not path.is_file() or not installed():
            return None
        try:
            with np.load(path, allow_pickle=False) as data:
                passages = frozenset(map(str, data[_PASSAGES]))
                found = {key: data[key].astype(np.float32) for key in data.files if key != _PASSAGES}
            bars = Bars(*map(float, found["thresholds"]))
            head = Head(*((found[name], found[f"{name}_bias"]) for name in ("norm", "inner", "outer")))
            return cls(layers_of(found), head, bars, passages)
        except BROKEN_ARRAYS as error:
            raise SettingsError(f"{path} kan niet gelezen worden ({error}). Zet het bestand terug.") from error

    def save(self, path: Path) -> None:
        """Write it in half precision."""
        found = {"thresholds": np.array(self.bars, dtype=np.float32), **named(self.layers)}
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
            read = read_sheets(self._model, [Sheet.of(self._model, quote, [sentence])])
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
class Sheet:
    """A quote and sentences about it as one input of the model: each sentence sees the quote and itself.

    Of each piece its place, and of which sentence it is (0 for the quote); of each sentence where it begins and ends,
    and its last piece, where the model is asked for an answer.
    """

    pieces: tuple[int, ...]
    places: tuple[int, ...]
    owners: tuple[int, ...]
    spans: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, model: Gemma, quote: str, sentences: Sequence[str]) -> Sheet:
        """The marks of a list say nothing; what is very long is cut off."""
        line = " ".join(quote.replace("\n- ", " ").split())
        pieces = [model.begin, *model.pieces(f"{_SOURCE}{line}\n")][:_LONGEST_QUOTE]
        asked, source = model.pieces(_ASKED), len(pieces)
        places, owners, spans = list(range(source)), [0] * source, []
        for owner, sentence in enumerate(sentences, 1):
            said = model.pieces(_CLAIM + sentence)[:_LONGEST_SENTENCE]
            length = len(said) + len(asked)
            spans.append((len(pieces), len(pieces) + len(said), len(pieces) + length - 1))
            pieces += [*said, *asked]
            places += range(source, source + length)
            owners += [owner] * length
        return cls(tuple(pieces), tuple(places), tuple(owners), tuple(spans))


def read_sheets(model: Gemma, sheets: Sequence[Sheet]) -> torch.Tensor:
    """What is read of each sentence (n, 2 d): the state of its last piece, and the mean of those of what it says."""
    import torch

    def rows(name: str) -> torch.Tensor:
        return torch.nn.utils.rnn.pad_sequence([torch.tensor(getattr(one, name)) for one in sheets], batch_first=True)

    owners = rows("owners")
    seen = ((owners[:, None, :] == owners[:, :, None]) | (owners[:, None, :] == 0)).tril()
    states = model.hidden(rows("pieces"), rows("places"), seen)
    found = [(state, *span) for state, sheet in zip(states, sheets, strict=True) for span in sheet.spans]
    return torch.stack([torch.cat([state[last], state[start:end].mean(0)]) for state, start, end, last in found])
