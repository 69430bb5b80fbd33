"""The transformer of multilingual-e5-small in torch: token rows in, hidden states out; layers can carry changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence, Sized
from typing import Any

import numpy as np
import torch
from transformers import BertConfig, BertModel

from verbind_bot.index.e5_weights import Tokens, Weights, unpacked
from verbind_bot.index.embedding import DEFAULT_MODEL, DOCUMENT_PROMPT, QUERY_PROMPT, Vectors
from verbind_bot.index.low_rank import add_to

Changes = Mapping[str, Vectors]  # the name of a linear layer -> what is added to its weights (out, in)
_MODULES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
_BATCH = 32


class _PackedEmbedding(torch.nn.Module):  # type: ignore[misc]  # the library is untyped to us
    """A table of 250,000 rows that stays in four bits: only the rows of a text are unpacked."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._blocks = weights.packed("emb.word", weights.shape.vocabulary, weights.shape.hidden)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        rows = unpacked(self._blocks[numbers.flatten().numpy()])
        return torch.from_numpy(rows).reshape(*numbers.shape, -1)


class E5:
    """The model with its tokenizer; reads only."""

    def __init__(self, changes: Changes | None = None) -> None:
        """Takes a second or two. Raises SettingsError when the package of the weights is another version."""
        weights = Weights()
        self.tokens: Tokens = weights.tokens
        self.dimension = weights.shape.hidden
        self.positions = weights.shape.positions
        self.model = _model(weights)
        add_to(self.model, changes or {})

    def row(self, pieces: Sequence[int]) -> list[int]:
        """One input: the pieces of a text between its marks."""
        return [self.tokens.begin, *pieces, self.tokens.end]

    def means(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """The mean of the hidden states of each row (n, d), not normalised; rows of like length go together."""
        found = torch.empty(len(rows), self.dimension)
        for batch in by_length(rows, _BATCH):
            found[batch] = mean_of(*self.hidden([rows[n] for n in batch]))
        return found

    def hidden(self, rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """The hidden states of rows (n, longest, d), and a mask (n, longest) that is 1 where a row has a piece."""
        numbers, mask = padded(rows, self.tokens.pad)
        with torch.inference_mode():
            states = self.model(input_ids=numbers, attention_mask=mask).last_hidden_state
        return states, mask.to(states.dtype)


class E5Embedder:
    """The default embedding model with changed layers."""

    def __init__(self, changes: Changes | None = None) -> None:
        self._e5 = E5(changes)
        self._lock = threading.Lock()  # one encode at a time: torch uses every core already
        self.name = DEFAULT_MODEL
        self.dimension = self._e5.dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each question."""
        return self._embed(QUERY_PROMPT, texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """One normalised float32 row for each document."""
        return self._embed(DOCUMENT_PROMPT, texts)

    def _embed(self, prompt: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        rows = self._e5.tokens.rows([prompt + text for text in texts])
        windows = [(n, window) for n, row in enumerate(rows) for window in _windows(row, self._e5.positions - 2)]
        with self._lock:
            means = self._e5.means([self._e5.row(window) for _, window in windows])
        sums = torch.zeros(len(texts), self.dimension)
        for (n, window), mean in zip(windows, means, strict=True):
            sums[n] += mean * max(len(window), 1)
        return np.asarray(torch.nn.functional.normalize(sums, dim=1).numpy(), dtype=np.float32)


def _windows(row: Sequence[int], size: int) -> list[Sequence[int]]:
    """A text in pieces that the model can read at once; their means count by their length."""
    return [row[start : start + size] for start in range(0, len(row), size)] or [row]


def by_length(texts: Sequence[Sized], size: int) -> Iterator[list[int]]:
    """The numbers of texts in batches of about the same length."""
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def mean_of(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of the states of each text (n, d), in single precision."""
    return (states.float() * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows made equally long, and the mask of what they had."""
    longest = max(map(len, rows))
    numbers = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return numbers, mask


def _model(weights: Weights) -> Any:
    shape = weights.shape
    config = BertConfig(
        vocab_size=1,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=weights.epsilon,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.embeddings.word_embeddings = _PackedEmbedding(weights)
    model.load_state_dict(_state(weights))
    model.requires_grad_(False)
    model.train(False)
    return model


def _state(weights: Weights) -> dict[str, torch.Tensor]:
    shape = weights.shape
    sizes = {"fi": (shape.inner, shape.hidden), "fo": (shape.hidden, shape.inner)}
    state = {
        "embeddings.position_embeddings.weight": weights.floats("emb.pos").reshape(-1, shape.hidden),
        "embeddings.token_type_embeddings.weight": weights.floats("emb.type").reshape(-1, shape.hidden),
        "embeddings.LayerNorm.weight": weights.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.floats("emb.ln.b"),
    }
    for layer in range(shape.layers):
        place = f"encoder.layer.{layer}"
        for short, module in _MODULES.items():
            size = sizes.get(short, (shape.hidden, shape.hidden))
            state[f"{place}.{module}.weight"] = weights.matrix(f"l{layer}.{short}.w", *size)
            state[f"{place}.{module}.bias"] = weights.floats(f"l{layer}.{short}.b")
        for short, module in _NORMS.items():
            state[f"{place}.{module}.weight"] = weights.floats(f"l{layer}.{short}.w")
            state[f"{place}.{module}.bias"] = weights.floats(f"l{layer}.{short}.b")
    return state
