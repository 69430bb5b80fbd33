"""Training the upper layers of the embedding model by low-rank changes; what the lower ones make of a text is kept.

Method: LoRA (Hu et al., 2022). Only two thin matrices for each linear layer of the upper part are learned, in bfloat16
where that is precise enough; the lower layers do not change, so each text passes them once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from verbind_bot.index.e5 import E5, by_length, mean_of, padded
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.low_rank import Layers

_RANK, _SCALE = 16, 2.0
_BATCH = 64
_FAR = -1e9


class LowRank(torch.nn.Module):  # type: ignore[misc]  # the library is untyped to us
    """A linear layer with `scale` times the product of two thin matrices added to its weights, zero at first."""

    def __init__(self, linear: torch.nn.Linear, rank: int = _RANK, scale: float = _SCALE) -> None:
        super().__init__()
        self.linear, self._scale = linear, scale
        self.down = torch.nn.Parameter(torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features))
        self.up = torch.nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        # Two thin products, for one with the sum of the weights asks for a gradient of all of them.
        thin = torch.nn.functional.linear(rows, self.down)
        return self.linear(rows) + self._scale * torch.nn.functional.linear(thin, self.up)

    def resume(self, down: Vectors, up: Vectors) -> None:
        """Start from what `learned` gave before."""
        self.down.data = torch.from_numpy(down)
        self.up.data = torch.from_numpy(up) / self._scale

    def learned(self) -> tuple[Vectors, Vectors]:
        """The two matrices as a corpus keeps them, whose product is what was added."""
        return numbers_of(self.down), numbers_of(self._scale * self.up)


class Tuned:
    """The embedding model with a frozen lower part and an upper part that learns.

    A text goes through `lower` once, and through `upper` each time that it is learned from.
    """

    def __init__(self, e5: E5, first: int) -> None:
        """`first` is the number of layers that stay as they are."""
        self.e5 = e5
        layers = list(e5.model.encoder.layer)
        self._lower, self._upper = layers[:first], layers[first:]
        self._changed = with_low_rank(e5.model, "encoder.layer", first)

    @property
    def parameters(self) -> list[torch.nn.Parameter]:
        """What is learned."""
        return [matrix for layer in self._changed.values() for matrix in (layer.down, layer.up)]

    def layers(self) -> Layers:
        """What was learned, as a corpus keeps it."""
        return {name: layer.learned() for name, layer in self._changed.items()}

    def lower(self, rows: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        """The states of each row (pieces, d) after the layers that do not change."""
        found: dict[int, torch.Tensor] = {}
        with torch.no_grad(), precise_enough():
            for batch in by_length(rows, _BATCH):
                numbers, mask = padded([rows[n] for n in batch], self.e5.tokens.pad)
                states = _through(self._lower, self.e5.model.embeddings(input_ids=numbers), mask)
                found |= {n: states[at, : len(rows[n])].bfloat16().clone() for at, n in enumerate(batch)}
        return [found[n] for n in range(len(rows))]

    def upper(self, states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """The last states of texts (n, longest, d) and their mask (n, longest), from what `lower` gave."""
        whole = torch.nn.utils.rnn.pad_sequence([one.float() for one in states], batch_first=True)
        mask = torch.zeros(whole.shape[:2])
        for row, one in zip(mask, states, strict=True):
            row[: len(one)] = 1
        return _through(self._upper, whole, mask), mask

    def vectors(self, states: Sequence[torch.Tensor]) -> torch.Tensor:
        """Unit vectors (n, d): the means of the last states."""
        found: dict[int, torch.Tensor] = {}
        for batch in by_length(states, _BATCH):
            last, mask = self.upper([states[n] for n in batch])
            means = mean_of(last, mask)
            found |= dict(zip(batch, torch.nn.functional.normalize(means, dim=1), strict=True))
        return torch.stack([found[n] for n in range(len(states))])


def precise_enough() -> torch.autocast:
    """Where products are made in bfloat16, which takes half the time on processors that can."""
    return torch.autocast("cpu", torch.bfloat16)


def take_step(loss: torch.Tensor, optimiser: Any, schedule: Any) -> None:
    """Learn from one loss; a gradient longer than 1 is made shorter."""
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], 1.0)
    optimiser.step()
    schedule.step()


def with_low_rank(model: torch.nn.Module, stack: str, first: int, scale: float = _SCALE) -> dict[str, LowRank]:
    """Let the linear layers of a model learn, from layer `first` of `stack` on; by their names, in place."""
    found = {}
    for name, module in list(model.named_modules()):
        rest = name.removeprefix(f"{stack}.").split(".")
        if isinstance(module, torch.nn.Linear) and name.startswith(f"{stack}.") and int(rest[0]) >= first:
            found[name] = LowRank(module, scale=scale)
            place, _, last = name.rpartition(".")
            setattr(model.get_submodule(place), last, found[name])
    return found


def _through(layers: Sequence[torch.nn.Module], states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    unseen = ((1 - mask.float()) * _FAR)[:, None, None, :]
    for layer in layers:
        states = layer(states, unseen)
    return states


def numbers_of(matrix: torch.Tensor) -> Vectors:
    """A learned matrix as plain numbers."""
    return np.asarray(matrix.detach().numpy(), dtype=np.float32)
