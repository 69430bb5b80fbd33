"""Changes of linear layers as a corpus keeps them: two thin matrices a layer, whose product is added to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from verbind_bot.index.embedding import Vectors

Layers = Mapping[str, tuple[Vectors, Vectors]]  # the name of a layer -> down (r, in) and up (out, r)
_DOWN, _UP = ".down", ".up"


def changes(layers: Layers) -> dict[str, Vectors]:
    """What is added to the weights of each layer (out, in)."""
    return {name: up @ down for name, (down, up) in layers.items()}


def add_to(model: Any, changed: Mapping[str, Vectors]) -> None:
    """Add `changes` to the weights of a torch model, in place; each is named after its layer."""
    for name, change in changed.items():
        weights = model.get_submodule(name).weight.detach().numpy()  # the same memory
        weights += change


def named(layers: Layers) -> dict[str, Vectors]:
    """The thin matrices, each under a name for a file."""
    pairs = (((name + _DOWN, down), (name + _UP, up)) for name, (down, up) in layers.items())
    return {key: matrix for pair in pairs for key, matrix in pair}


def layers_of(arrays: Mapping[str, Vectors]) -> Layers:
    """The layers among the arrays of a file. Raises KeyError when half of one is missing."""
    names = [key.removesuffix(_DOWN) for key in arrays if key.endswith(_DOWN)]
    return {name: (arrays[name + _DOWN], arrays[name + _UP]) for name in names}


def halves(arrays: Mapping[str, Vectors]) -> dict[str, Any]:
    """The arrays in half precision, which is enough for small changes."""
    return {key: np.asarray(array, dtype=np.float16) for key, array in arrays.items()}
