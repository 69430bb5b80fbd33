"""A corpus of any size from a grammar, with vectors from seeded clusters: nothing is read, nothing is embedded.

Each topic has words of its own, so that a search by words means something, and a centre of its own in a space of
64 latent dimensions, for the vectors of real models fill only part of their space. A passage lies near its topic's
centre, its questions and statements lie near the passage, and so does a question that is asked about it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from verbind_bot.index.build import entries_of
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.vectors import KINDS, Kind
from verbind_bot.types import Passage, Statement

DIMENSION = 384
BLOCK = 1000  # passages whose vectors are made at once: 1.5 MB for each vector of a passage
PER_TOPIC, OWN_WORDS, COMMON_WORDS = 20, 12, 600
_LATENT, _SPREAD, _NEAR, _NOISE = 64, 0.7, 0.5, 0.02
_QUESTIONS = 2
_ONSETS = ("b", "d", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "kl", "st", "tr", "sch", "br")
_VOWELS = ("a", "e", "o", "aa", "ee", "oe", "ui", "ij")
_SCATTER = 1_000_003  # prime, so that words in a row look nothing alike and none comes twice
_FRAMES = (
    "De {0} van de {1} {2} elke {3}.",
    "Wie een {0} wil, {2} eerst de {1} en daarna de {3}.",
    "In de {1} staat een {0} die de {3} {2}.",
)
_ASKED = ("Hoe {2} een {0} de {1}?", "Waarom is de {0} in de {1} {2}?", "Welke {0} hoort bij de {1} en de {2}?")


def word(number: int) -> str:
    """The word with this number: another number is another word."""
    number = number * _SCATTER % (len(_ONSETS) * len(_VOWELS)) ** 3
    syllables = []
    for _ in range(3):
        number, vowel = divmod(number, len(_VOWELS))
        number, onset = divmod(number, len(_ONSETS))
        syllables.append(_ONSETS[onset] + _VOWELS[vowel])
    return "".join(syllables) + "k"


@dataclass(frozen=True)
class Synthetic:
    """`size` passages of three statements and two questions; the same seed gives the same corpus.

    `statements` and `questions` say how many of them get a vector.
    """

    size: int
    statements: int = 3
    questions: int = 2
    seed: int = 7

    @property
    def topics(self) -> int:
        """How many topics there are: twenty passages each."""
        return max(1, self.size // PER_TOPIC)

    def passage(self, number: int) -> Passage:
        """The passage with this number."""
        chance = random.Random(f"{self.seed}-{number}")
        text, statements = "", []
        for frame in _FRAMES:
            sentence = frame.format(*self._words(number, chance)).capitalize()
            statements.append(Statement(len(text), len(text) + len(sentence), sentence))
            text += sentence + " "
        return Passage(
            f"p{number}",
            str(number % self.topics),
            f"Over {word(self._topic_word(number, 0))}",
            f"De {word(self._topic_word(number, number % OWN_WORDS))}",
            text.rstrip(),
            tuple(statements),
            tuple(f"{self.question(number, chance)[:-1]} {n}?" for n in range(_QUESTIONS)),
        )

    def question(self, number: int, chance: random.Random | None = None) -> str:
        """A question about a passage: two words of its topic and a common one."""
        chance = chance or random.Random(f"asked-{self.seed}-{number}")
        return chance.choice(_ASKED).format(*self._words(number, chance))

    def passages(self) -> Iterator[Passage]:
        """All passages in order."""
        return map(self.passage, range(self.size))

    def _topic_word(self, number: int, nth: int) -> int:
        return COMMON_WORDS + (number % self.topics) * OWN_WORDS + nth

    def _words(self, number: int, chance: random.Random) -> list[str]:
        own = [self._topic_word(number, n) for n in chance.sample(range(OWN_WORDS), 2)]
        common = [
            min(int(10 * chance.paretovariate(0.9)) - 10, COMMON_WORDS - 1) for _ in range(2)
        ]  # a few are everywhere
        return [word(n) for n in (*own, *common)]

    def vectors(self, kind: Kind, block: int) -> tuple[list[str], Vectors]:
        """The ids and vectors (n, 384) of one kind of `BLOCK` passages."""
        first, last = block * BLOCK, min((block + 1) * BLOCK, self.size)
        most = {"passages": 1, "questions": self.questions, "statements": self.statements}[kind]
        rows = [[entry.id for entry in entries_of(self.passage(n), kind)][:most] for n in range(first, last)]
        counts = [len(row) for row in rows]
        latent = np.repeat(self._passage_latent(block), counts, axis=0)
        chance = np.random.default_rng([self.seed, KINDS.index(kind) + 10, block])
        near = 0.0 if kind == "passages" else _NEAR
        return [entry for row in rows for entry in row], self._raised(latent, near, chance)

    def asked(self, numbers: list[int]) -> Vectors:
        """The vector of a question about each of these passages (n, 384)."""
        latent = np.array([self._passage_latent(n // BLOCK)[n % BLOCK] for n in numbers])
        return self._raised(latent, _NEAR, np.random.default_rng([self.seed, 3]))

    def _passage_latent(self, block: int) -> Vectors:
        first, last = block * BLOCK, min((block + 1) * BLOCK, self.size)
        centres = np.random.default_rng([self.seed, 1]).standard_normal((self.topics, _LATENT), dtype=np.float32)
        own = np.random.default_rng([self.seed, 2, block]).standard_normal((last - first, _LATENT), dtype=np.float32)
        return centres[np.arange(first, last) % self.topics] + _SPREAD * own

    def _raised(self, latent: Vectors, near: float, chance: np.random.Generator) -> Vectors:
        """Latent rows, moved a little, as unit vectors of the whole space."""
        axes = np.random.default_rng([self.seed, 0]).standard_normal((_LATENT, DIMENSION), dtype=np.float32) / 8
        moved = latent + near * chance.standard_normal(latent.shape, dtype=np.float32)
        rows = moved @ axes + _NOISE * 8 * chance.standard_normal((len(latent), DIMENSION), dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
