"""Gemma 3 (270M) in torch: pieces in, hidden states out; layers can carry changes. Read from packages, never a hub.

The model and what is learned on top of it fall under the Gemma Terms of Use, https://ai.google.dev/gemma/terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from tokenizers import Tokenizer, normalizers
from tokenizers.models import BPE
from transformers import Gemma3TextConfig, Gemma3TextModel

from verbind_bot.index.embedding import Vectors
from verbind_bot.index.gemma_package import weight_files
from verbind_bot.index.gguf_file import GgufFile, unpacked
from verbind_bot.index.low_rank import add_to

_LINEAR = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_NORMS = {
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_norm": "input_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
_WHOLE_EVERY = 6  # of so many layers the last sees the whole text, the others a window


class _PackedEmbedding(torch.nn.Module):  # type: ignore[misc]  # the library is untyped to us
    """A table of 262,144 rows that stays in eight bits: only the rows of a text are unpacked."""

    def __init__(self, file: GgufFile) -> None:
        super().__init__()
        self._rows, self._kind = file.packed("token_embd.weight").copy(), file.kind("token_embd.weight")

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        rows = torch.from_numpy(unpacked(self._rows[numbers.flatten().numpy()], self._kind))
        return (rows * math.sqrt(rows.shape[1])).reshape(*numbers.shape, -1)


class Gemma:
    """The model with its tokenizer; reads only."""

    def __init__(self, changes: Mapping[str, Vectors] | None = None) -> None:
        """Takes some five seconds. `changes` are added to the weights of layers (out, in).

        Raises SettingsError when the package of the weights is missing or another version.
        """
        file = GgufFile(weight_files())
        self._tokenizer = _tokenizer(file)
        self.begin = int(file.settings["tokenizer.ggml.bos_token_id"])
        self.model = _model(file)
        self.dimension = int(self.model.config.hidden_size)
        add_to(self.model, changes or {})
        self._halved = torch.cpu.get_capabilities().get("avx512_bf16", False)
        if self._halved:  # half of the time where a processor multiplies them as they are; elsewhere it takes longer
            self.model.to(torch.bfloat16)

    def pieces(self, text: str) -> list[int]:
        """The numbers of the pieces of a text, without marks."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def hidden(self, numbers: torch.Tensor, places: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """The last states (n, longest, d) of rows of pieces (n, longest), each at a place of its own.

        `seen` (n, longest, longest) says which pieces a piece may look at; itself at least. Rows fit in the window of
        the layers that do not see the whole text.
        """
        masks = dict.fromkeys(("full_attention", "sliding_attention"), seen[:, None])
        with torch.autocast("cpu", torch.bfloat16, enabled=self._halved):
            found = self.model(input_ids=numbers, position_ids=places, attention_mask=masks, use_cache=False)
        return found.last_hidden_state.float()


def _tokenizer(file: GgufFile) -> Tokenizer:
    pieces: list[str] = file.settings["tokenizer.ggml.tokens"]
    numbers = {piece: n for n, piece in enumerate(pieces)}
    tokenizer = Tokenizer(BPE(numbers, list(_merges(pieces, numbers)), byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    return tokenizer


def _merges(pieces: Sequence[str], numbers: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Which two pieces become one, the first to be done first: a piece's number is its rank."""
    for piece in pieces:
        found = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
        known = [pair for pair in found if pair[0] in numbers and pair[1] in numbers]
        yield from sorted(known, key=lambda pair: (numbers[pair[0]], numbers[pair[1]]))


def _model(file: GgufFile) -> Any:
    found = {key.removeprefix("gemma3."): value for key, value in file.settings.items() if key.startswith("gemma3.")}
    layers = found["block_count"]
    config = Gemma3TextConfig(
        vocab_size=1,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=None,
        hidden_size=found["embedding_length"],
        intermediate_size=found["feed_forward_length"],
        num_hidden_layers=layers,
        num_attention_heads=found["attention.head_count"],
        num_key_value_heads=found["attention.head_count_kv"],
        head_dim=found["attention.key_length"],
        query_pre_attn_scalar=found["attention.key_length"],
        rms_norm_eps=found["attention.layer_norm_rms_epsilon"],
        sliding_window=found["attention.sliding_window"],
        layer_types=[f"{'full' if n % _WHOLE_EVERY == 0 else 'sliding'}_attention" for n in range(1, layers + 1)],
    )
    model = Gemma3TextModel(config)
    model.embed_tokens = _PackedEmbedding(file)
    model.load_state_dict(_state(file, layers))
    model.requires_grad_(False)
    model.train(False)
    return model


def _state(file: GgufFile, layers: int) -> dict[str, torch.Tensor]:
    state = {"norm.weight": torch.from_numpy(file.floats("output_norm.weight") - 1)}  # the file holds 1 + the weight
    for layer in range(layers):
        for short, module in _LINEAR.items():
            state[f"layers.{layer}.{module}.weight"] = torch.from_numpy(file.floats(f"blk.{layer}.{short}.weight"))
        for short, module in _NORMS.items():
            whole = file.floats(f"blk.{layer}.{short}.weight")
            state[f"layers.{layer}.{module}.weight"] = torch.from_numpy(whole - 1)
    return state
