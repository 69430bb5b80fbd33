"""One release made: what is missing is embedded, the pointer moves, and what nothing needs is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from verbind_bot.corpus.library import Corpus
from verbind_bot.errors import IndexingError
from verbind_bot.index.cleaning import clean
from verbind_bot.index.embedding import Embedder
from verbind_bot.index.entries import Entry, entries_of, own_ids
from verbind_bot.index.releases import Pointer, Release, move_pointer, now
from verbind_bot.index.snapshots import write_snapshot
from verbind_bot.index.vectors import KINDS, Kind, VectorIndex, text_of
from verbind_bot.index.words import WordIndex

Progress = Callable[[int, int], None]
_BATCH, _COPIED = 32, 500


@dataclass(frozen=True)
class Maker:
    """Makes releases; the old one answers until the pointer has moved."""

    client: Any
    folder: Path
    embedder: Embedder
    progress: Progress | None
    grace_seconds: float

    def release(self, corpus: Corpus, before: Pointer, rebuild: bool) -> Release:
        """Make a release of `corpus` after those of `before`, and move the pointer to it; `rebuild` embeds all."""
        name, dimension = self.embedder.name, self.embedder.dimension
        same = [release.generation for release in before.releases if release.fits(name, dimension)]
        generation = max(same, default=0) + 1 if rebuild else next(iter(same), 0)
        own = own_ids(corpus)
        counts = sum(map(len, own.values()))
        release = Release(corpus.hash, name, dimension, generation, now(), len(corpus.passages), counts)
        vectors = VectorIndex(self.client, name, dimension, release.prefix)
        for _ in range(3):  # a builder elsewhere may just have removed what it did not know we need
            if not self._add_missing(vectors, corpus):
                break
        else:
            raise IndexingError("De index bleef onvolledig. Werkt er nog iets aan? Draai 'verbind-bot ingest' opnieuw.")
        open_words(self.folder, corpus)
        write_snapshot(self.folder, corpus)
        vectors.mark_complete(corpus.hash)
        after = before.moved_to(release)
        move_pointer(self.client, after)
        clean(self.client, self.folder, before, after, self.grace_seconds)
        return release

    def _add_missing(self, vectors: VectorIndex, corpus: Corpus) -> int:
        """Store what is not there; how much that was. Only texts that have no vector anywhere yet are embedded."""
        plan: list[tuple[Kind, list[Entry]]] = []
        lacking = 0
        for kind in KINDS:
            wanted = {entry.id: entry for passage in corpus.passages for entry in entries_of(passage, kind)}
            there = vectors.ids(kind)
            missing = [entry for key, entry in wanted.items() if key not in there]
            plan.append((kind, _copy_known(vectors, kind, missing, there)))
            lacking += len(missing)
        total, done = sum(len(entries) for _, entries in plan), 0
        for kind, entries in plan:
            embed = self.embedder.embed_queries if kind == "questions" else self.embedder.embed_documents
            for batch in _by_length(entries):
                vectors.add(kind, [entry.id for entry in batch], embed([entry.text for entry in batch]))
                done += len(batch)
                if self.progress:
                    self.progress(done, total)
        return lacking


def _copy_known(vectors: VectorIndex, kind: Kind, missing: Sequence[Entry], there: Iterable[str]) -> list[Entry]:
    """Give what stands elsewhere under another id (a renamed file, a question of another passage) its vector.

    Returns the entries whose text has no vector yet.
    """
    known = {text_of(entry): entry for entry in there}
    same = [(entry.id, known[text_of(entry.id)]) for entry in missing if text_of(entry.id) in known]
    for start in range(0, len(same), _COPIED):
        pairs = same[start : start + _COPIED]
        rows = vectors.stored(kind, list(dict.fromkeys(source for _, source in pairs)))
        pairs = [(target, source) for target, source in pairs if source in rows]  # the rest was removed just now
        if pairs:
            vectors.add(kind, [target for target, _ in pairs], np.array([rows[source] for _, source in pairs]))
    return [entry for entry in missing if text_of(entry.id) not in known]


def _by_length(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Batches of texts of about the same length: a batch takes as long as its longest text."""
    ordered = sorted(entries, key=lambda entry: len(entry.text))
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


def open_words(folder: Path, corpus: Corpus) -> WordIndex:
    """The word index of a corpus, made when it is not there."""
    place = folder / "words" / corpus.hash
    try:
        return WordIndex.load(place)
    except (OSError, ValueError, KeyError):
        words = WordIndex.build(corpus.passages, corpus.terms)
        with suppress(OSError):  # a reader may have no right to write
            words.save(place)
        return words
