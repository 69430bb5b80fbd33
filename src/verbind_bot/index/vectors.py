"""Vectors in collections of Chroma: kept under ids, found by nearness, per release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Literal

import numpy as np

from verbind_bot.errors import WrongModelError
from verbind_bot.index.chroma import open_client as open_client
from verbind_bot.index.chroma import reaching
from verbind_bot.index.embedding import Vectors
from verbind_bot.types import Lookups

Kind = Literal["passages", "questions", "statements"]
KINDS: tuple[Kind, ...] = ("passages", "questions", "statements")
_HNSW = {"hnsw": {"space": "cosine", "ef_search": 200, "ef_construction": 200}}
_BATCH = 500
_AT_HAND = 10_000  # vectors kept in memory, some 15 MB


def entry_id(passage_id: str, text: str) -> str:
    """The id of a vector: its passage and a hash of what was embedded, so that a change of text is a new id."""
    return f"{passage_id}#{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def passage_of(entry: str) -> str:
    """The passage that a vector leads to."""
    return entry.rpartition("#")[0]


def text_of(entry: str) -> str:
    """The hash of the text that a vector stands for; the same at every passage that has that text."""
    return entry.rpartition("#")[2]


def best_per_passage(entries: Mapping[str, float]) -> dict[str, float]:
    """The score of the first entry of each passage, in the order of the entries."""
    best: dict[str, float] = {}
    for entry, score in entries.items():
        best.setdefault(passage_of(entry), score)
    return best


class VectorIndex:
    """Three collections of vectors, one each for passages, their questions and their statements.

    A collection's metadata says with which model it was made, and for which corpus last. The collections
    may hold vectors of several releases: with `own`, only those ids are ever returned.
    """

    def __init__(
        self,
        client: Any,
        model: str,
        dimension: int,
        prefix: str = "verbind",
        own: Mapping[Kind, Set[str]] | None = None,
        create: bool = True,
    ) -> None:
        """Raises WrongModelError when a collection was made with another model, UnavailableError without `create`."""
        self._metadata = {"model": model, "dimension": dimension}
        self._collections = {kind: self._open(client, f"{prefix}-{kind}", create) for kind in KINDS}
        self._own = own
        self._surplus = dict.fromkeys(KINDS, 1.0)
        self._at_hand: dict[str, Vectors] = {}
        self.lookups = Lookups()

    def _open(self, client: Any, name: str, create: bool) -> Any:
        metadata = {**self._metadata, "corpus_hash": ""}
        if create:
            collection = client.get_or_create_collection(
                name, configuration=_HNSW, metadata=metadata, embedding_function=None
            )
        else:
            with reaching():
                collection = client.get_collection(name, embedding_function=None)
        found = {key: (collection.metadata or {}).get(key) for key in self._metadata}
        if found != self._metadata:
            raise WrongModelError(
                f"De index is gemaakt met het model '{found['model']}' ({found['dimension']} getallen), maar ingesteld "
                f"is '{self._metadata['model']}' ({self._metadata['dimension']}). Zet VERBIND_EMBEDDING_MODEL terug, "
                "of maak de index opnieuw met 'verbind-bot ingest --rebuild'."
            )
        return collection

    @property
    def corpus_hash(self) -> str:
        """The fingerprint of the corpus that was last indexed wholly, or an empty string."""
        hashes = {str((c.metadata or {}).get("corpus_hash", "")) for c in self._collections.values()}
        return hashes.pop() if len(hashes) == 1 else ""

    def mark_complete(self, corpus_hash: str) -> None:
        """Note that all of the corpus with this fingerprint is in."""
        for collection in self._collections.values():
            collection.modify(metadata={**self._metadata, "corpus_hash": corpus_hash})

    def ids(self, kind: Kind) -> set[str]:
        """The ids of all vectors of one kind, of whatever release."""
        with reaching():
            return set(self._collections[kind].get(include=[])["ids"])

    def add(self, kind: Kind, entries: Sequence[str], vectors: Vectors) -> None:
        """Store vectors under their ids; an id that is there already is written again."""
        self._collections[kind].upsert(ids=list(entries), embeddings=vectors)

    def remove(self, kind: Kind, entries: Sequence[str]) -> None:
        """Delete vectors."""
        for batch in _batches(entries):
            self._collections[kind].delete(ids=batch)

    def entries(self, kind: Kind, vector: Vectors, limit: int) -> dict[str, float]:
        """The entries of this release nearest to `vector`: id -> cosine similarity, best first.

        The nearest `n` hold the nearest of any part of them, so `n` grows until `limit` of our own are there.
        """
        if self._own is not None and not self._own[kind]:
            return {}
        asked = int(limit * self._surplus[kind])
        while True:
            found, ended = self._nearest(kind, vector, asked)
            own = found if self._own is None else {k: v for k, v in found.items() if k in self._own[kind]}
            if len(own) >= limit or ended:
                self._surplus[kind] = max(1.0, asked / max(limit, 1))
                return dict(list(own.items())[:limit])
            asked = 1 + int(asked * min(8.0, max(1.5, 1.2 * limit / max(len(own), 1))))

    def _nearest(self, kind: Kind, vector: Vectors, limit: int) -> tuple[dict[str, float], bool]:
        with reaching():
            found = self._collections[kind].query(query_embeddings=[vector], n_results=limit, include=["distances"])
        ids, distances = found["ids"][0], found["distances"][0]
        return {entry: 1.0 - float(d) for entry, d in zip(ids, distances, strict=True)}, len(ids) < limit

    def search(self, kind: Kind, vector: Vectors, limit: int) -> dict[str, float]:
        """The passages nearest to `vector` by their best entry: passage id -> cosine similarity, best first."""
        return best_per_passage(self.entries(kind, vector, limit))

    def vectors(self, kind: Kind, entries: Sequence[str]) -> Mapping[str, Vectors]:
        """The stored vectors of these ids, where they are there.

        The latest are kept at hand: an id stands for one text, so its vector never changes.
        """
        known = {entry: vector for entry in entries if (vector := self._at_hand.get(entry)) is not None}
        lacking = [entry for entry in entries if entry not in known]
        self.lookups.hits += len(known)
        self.lookups.misses += len(lacking)
        fetched = self.stored(kind, lacking) if lacking else {}
        if len(self._at_hand) + len(fetched) > _AT_HAND:
            self._at_hand = {}
        self._at_hand.update(fetched)
        return known | fetched

    def stored(self, kind: Kind, entries: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of these ids, read from Chroma."""
        with reaching():
            found = self._collections[kind].get(ids=list(entries), include=["embeddings"])
        return dict(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))

    def keep_at_hand(self, kind: Kind) -> None:
        """Read all vectors of one kind now, when memory allows, so that the first questions need not wait for them."""
        if self._count(kind) <= _AT_HAND:
            self.vectors(kind, sorted(self.ids(kind) if self._own is None else self._own[kind]))
            self.lookups = Lookups()

    def count(self) -> int:
        """How many vectors this release has in all."""
        return sum(self._count(kind) for kind in KINDS)

    def _count(self, kind: Kind) -> int:
        with reaching():
            return int(self._collections[kind].count()) if self._own is None else len(self._own[kind])


def _batches(entries: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(entries), _BATCH):
        yield list(entries[start : start + _BATCH])
