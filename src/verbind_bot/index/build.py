"""Corpus -> release: what is missing is embedded beside what answers now, and then the pointer moves."""

from __future__ import annotations

import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verbind_bot.corpus.library import Corpus
from verbind_bot.errors import HeldError, IndexingError, WrongModelError
from verbind_bot.index.chroma import Server, open_client
from verbind_bot.index.embedding import Embedder
from verbind_bot.index.entries import entries_of, own_ids, passage_text, statement_text
from verbind_bot.index.holding import Holder, holder, refuse_when_held, writing
from verbind_bot.index.making import Maker, Progress, open_words
from verbind_bot.index.releases import Pointer, Release, read_pointer
from verbind_bot.index.snapshots import read_snapshot
from verbind_bot.index.vectors import VectorIndex
from verbind_bot.index.words import WordIndex

__all__ = ["Index", "Opened", "Progress", "entries_of", "open_index", "open_release", "passage_text", "statement_text"]
_WAIT_SECONDS, _POLL_SECONDS = 900, 0.5
_GRACE_SECONDS = 60.0


@dataclass(frozen=True)
class Index:
    """All that retrieval searches; of one release, when it was opened from one."""

    vectors: VectorIndex
    words: WordIndex
    embedder: Embedder
    release: Release | None = None
    pinned: bool = False
    client: Any = None

    def pointer(self) -> Pointer:
        """Which release should answer now. Raises UnavailableError."""
        return read_pointer(self.client)


@dataclass(frozen=True)
class Opened:
    """An index and the corpus that it was made from."""

    corpus: Corpus
    index: Index


def open_index(
    corpus: Corpus,
    embedder: Embedder,
    folder: Path,
    server: Server | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
) -> Index:
    """The index of `open_release`."""
    return open_release(corpus, embedder, folder, server, progress, rebuild).index


def open_release(
    corpus: Corpus | None,
    embedder: Embedder,
    folder: Path,
    server: Server | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
    grace_seconds: float = _GRACE_SECONDS,
) -> Opened:
    """Open the index of `corpus`, first bringing it up to date where it is not; without a corpus, the index as it is.

    The corpus that comes back is that of the index: an earlier one when a maintainer rolled back, or when
    another process serves the index and has not taken in `corpus` yet. `progress` is called with (texts
    embedded, texts to embed); what a switch makes superfluous is removed once no reader of the last
    `grace_seconds` can need it. Raises WrongModelError when the index of another model may not be replaced
    here, HeldError when another process may write it only, and IndexingError when the folder or the server
    cannot be used.
    """
    found = holder(folder) if server is None else None
    client = open_client(folder / "chroma", server, fresh=found is None or not found.here)
    build = _Build(client, folder, embedder, progress, grace_seconds)
    try:
        opened = build.opened(corpus, rebuild, found if found and not found.here else None)
    except IndexingError:
        _close(client, server)
        raise
    except Exception as error:  # Chroma and SQLite raise many kinds for a full disk or a read-only folder
        _close(client, server)
        raise IndexingError(
            f"De index in {folder} kan niet bijgewerkt worden ({error}). Controleer of je er mag schrijven en of er "
            "ruimte is op de schijf. De index is altijd opnieuw te maken met 'verbind-bot ingest --rebuild'."
        ) from error
    if server:
        weakref.finalize(opened.index.vectors, client.close)
    return opened


def _close(client: Any, server: Server | None) -> None:
    if server:
        client.close()


@dataclass(frozen=True)
class _Build:
    """One opening of the index."""

    client: Any
    folder: Path
    embedder: Embedder
    progress: Progress | None
    grace_seconds: float

    def opened(self, corpus: Corpus | None, rebuild: bool, other: Holder | None) -> Opened:
        pointer = self._pointer(rebuild)
        if not rebuild and (release := self._usable(pointer, corpus)):
            return self.existing(release, corpus, pointer.pinned)
        if corpus is None:
            raise IndexingError("Er is nog geen index. Draai 'verbind-bot ingest'.")
        if other and rebuild:
            refuse_when_held(self.folder)
        if other and (served := self._served(other)):
            return self.existing(served.current, corpus, served.pinned)  # type: ignore[arg-type]
        with writing(self.folder):
            pointer = self._pointer(rebuild)  # another process may have done it meanwhile
            if rebuild or not (release := self._usable(pointer, corpus)):
                maker = Maker(self.client, self.folder, self.embedder, self.progress, self.grace_seconds)
                release = maker.release(corpus, pointer, rebuild)
                pointer = Pointer(release)
            return self.existing(release, corpus, pointer.pinned)

    def _pointer(self, rebuild: bool) -> Pointer:
        try:
            return read_pointer(self.client)
        except IndexingError:
            if rebuild:
                return Pointer()
            raise

    def _usable(self, pointer: Pointer, corpus: Corpus | None) -> Release | None:
        """The current release, when it is the one that should answer."""
        release = pointer.current
        if release is None:
            return None
        fits = release.fits(self.embedder.name, self.embedder.dimension)
        if not fits and (pointer.pinned or corpus is None):
            raise WrongModelError(
                f"De index is vastgezet op een eerdere, en die is gemaakt met het model '{release.model}'; ingesteld "
                f"is '{self.embedder.name}'. Zet VERBIND_EMBEDDING_MODEL terug, of draai 'verbind-bot ingest': die "
                "maakt een index met het nieuwe model en haalt de oude los."
            )
        return release if fits and (pointer.pinned or corpus is None or corpus.hash == release.corpus) else None

    def _served(self, other: Holder) -> Pointer | None:
        """What the process that has the right to write serves, waiting for its first release; None when it ended."""
        for _ in range(int(_WAIT_SECONDS / _POLL_SECONDS)):
            pointer = read_pointer(self.client)
            if pointer.current and pointer.current.fits(self.embedder.name, self.embedder.dimension):
                return pointer
            if pointer.current:
                raise WrongModelError(
                    f"De server die de index bijhoudt ({other.shown}) gebruikt het model '{pointer.current.model}', en "
                    f"ingesteld is '{self.embedder.name}'. Zet VERBIND_EMBEDDING_MODEL terug, of stop die server."
                )
            if holder(self.folder) is None:
                return None
            time.sleep(_POLL_SECONDS)
        raise HeldError(f"De server die de index maakt ({other.shown}) is nog niet klaar. Probeer het later opnieuw.")

    def existing(self, release: Release, corpus: Corpus | None, pinned: bool) -> Opened:
        """A release that is there, with its own corpus."""
        if corpus is None or corpus.hash != release.corpus:
            corpus = read_snapshot(self.folder, release.corpus)
        vectors = VectorIndex(
            self.client, release.model, release.dimension, release.prefix, own_ids(corpus), create=False
        )
        vectors.keep_at_hand("statements")
        words = open_words(self.folder, corpus)
        return Opened(corpus, Index(vectors, words, self.embedder, release, pinned, self.client))
