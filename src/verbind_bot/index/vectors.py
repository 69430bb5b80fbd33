"""Vectors in Chroma: the only importer of chromadb."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings

from verbind_bot.errors import IndexingError, WrongModelError
from verbind_bot.index.embedding import Vectors

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


def best_per_passage(entries: Mapping[str, float]) -> dict[str, float]:
    """The score of the first entry of each passage, in the order of the entries."""
    best: dict[str, float] = {}
    for entry, score in entries.items():
        best.setdefault(passage_of(entry), score)
    return best


class VectorIndex:
    """Three collections of vectors, one each for passages, their questions and their statements.

    A collection's metadata says with which model it was made; `corpus_hash` is written last, so a
    build that was cut off is recognised.
    """

    def __init__(self, client: Any, model: str, dimension: int, prefix: str = "verbind") -> None:
        self._collections = {kind: self._open(client, f"{prefix}-{kind}", model, dimension) for kind in KINDS}
        self._metadata = {"model": model, "dimension": dimension}
        self._at_hand: dict[str, Vectors] = {}

    @staticmethod
    def _open(client: Any, name: str, model: str, dimension: int) -> Any:
        wanted = {"model": model, "dimension": dimension}
        collection = client.get_or_create_collection(
            name, configuration=_HNSW, metadata={**wanted, "corpus_hash": ""}, embedding_function=None
        )
        found = {key: (collection.metadata or {}).get(key) for key in wanted}
        if found != wanted:
            raise WrongModelError(
                f"De index is gemaakt met het model '{found['model']}' ({found['dimension']} getallen), maar ingesteld "
                f"is '{model}' ({dimension}). Zet VERBIND_EMBEDDING_MODEL terug, of maak de index opnieuw met "
                "'verbind-bot ingest --rebuild'."
            )
        return collection

    @property
    def corpus_hash(self) -> str:
        """The fingerprint of the corpus that is wholly indexed, or an empty string."""
        hashes = {str((c.metadata or {}).get("corpus_hash", "")) for c in self._collections.values()}
        return hashes.pop() if len(hashes) == 1 else ""

    def mark_complete(self, corpus_hash: str) -> None:
        """Note that all of the corpus with this fingerprint is in (an empty string: that it is not)."""
        for collection in self._collections.values():
            collection.modify(metadata={**self._metadata, "corpus_hash": corpus_hash})

    def ids(self, kind: Kind) -> set[str]:
        """The ids of all vectors of one kind."""
        return set(self._collections[kind].get(include=[])["ids"])

    def add(self, kind: Kind, entries: Sequence[str], vectors: Vectors) -> None:
        """Store vectors under their ids; an id that is there already is written again."""
        self._collections[kind].upsert(ids=list(entries), embeddings=vectors)

    def remove(self, kind: Kind, entries: Sequence[str]) -> None:
        """Delete vectors."""
        for batch in _batches(entries):
            self._collections[kind].delete(ids=batch)

    def entries(self, kind: Kind, vector: Vectors, limit: int) -> dict[str, float]:
        """The entries nearest to `vector`: id -> cosine similarity, best first."""
        found = self._collections[kind].query(query_embeddings=[vector], n_results=limit, include=["distances"])
        return {
            entry: 1.0 - float(distance) for entry, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        }

    def search(self, kind: Kind, vector: Vectors, limit: int) -> dict[str, float]:
        """The passages nearest to `vector` by their best entry: passage id -> cosine similarity, best first."""
        return best_per_passage(self.entries(kind, vector, limit))

    def vectors(self, kind: Kind, entries: Sequence[str]) -> Mapping[str, Vectors]:
        """The stored vectors of these ids, where they are there.

        The latest are kept at hand: an id stands for one text, so its vector never changes.
        """
        lacking = [entry for entry in entries if entry not in self._at_hand]
        fetched: dict[str, Vectors] = {}
        if lacking:
            found = self._collections[kind].get(ids=lacking, include=["embeddings"])
            rows = np.asarray(found["embeddings"], dtype=np.float32)
            fetched = dict(zip(found["ids"], rows, strict=True))
        known = {entry: self._at_hand[entry] for entry in entries if entry in self._at_hand}
        if len(self._at_hand) + len(fetched) > _AT_HAND:
            self._at_hand = {}
        self._at_hand.update(fetched)
        return known | fetched

    def keep_at_hand(self, kind: Kind) -> None:
        """Read all vectors of one kind now, when memory allows, so that the first questions need not wait for them."""
        if self._collections[kind].count() <= _AT_HAND:
            self.vectors(kind, sorted(self.ids(kind)))

    def count(self) -> int:
        """How many vectors there are in all."""
        return sum(int(collection.count()) for collection in self._collections.values())


def open_client(folder: Path, url: str | None = None) -> Any:
    """A Chroma client: a local folder, or the server at `url`.

    Raises IndexingError when the folder cannot be written or the server does not answer.
    """
    try:
        if url is None:
            folder.mkdir(parents=True, exist_ok=True)
            return chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
        parts = urlsplit(url)
        return chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if parts.scheme == "https" else 8000),
            ssl=parts.scheme == "https",
            settings=ChromaSettings(anonymized_telemetry=False),
        )
    except Exception as error:  # Chroma raises bare errors of its Rust core here
        place = url or folder
        raise IndexingError(
            f"De index op {place} kan niet geopend worden ({error}). Controleer of de map bestaat, of je er mag "
            "schrijven en of er ruimte is op de schijf; bij een adres: of de Chroma-server draait."
        ) from error


def drop_collections(client: Any, prefix: str = "verbind") -> None:
    """Delete the collections of this index."""
    names = {f"{prefix}-{kind}" for kind in KINDS}
    for collection in client.list_collections():
        if collection.name in names:
            client.delete_collection(collection.name)


def _batches(entries: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(entries), _BATCH):
        yield list(entries[start : start + _BATCH])
