"""Corpus -> index: only what changed is embedded, and a build that was cut off is repaired by the next one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from verbind_bot.corpus.library import Corpus
from verbind_bot.errors import IndexingError
from verbind_bot.index.embedding import Embedder
from verbind_bot.index.vectors import KINDS, Kind, VectorIndex, drop_collections, entry_id, open_client
from verbind_bot.index.words import WordIndex
from verbind_bot.types import Passage, Statement

Progress = Callable[[int, int], None]
_BATCH = 32
_WAIT_SECONDS = 900


@dataclass(frozen=True)
class Index:
    """All that retrieval searches."""

    vectors: VectorIndex
    words: WordIndex
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    text: str


def passage_text(passage: Passage) -> str:
    """What is embedded for a passage: its heading gives the text its subject."""
    return f"{passage.heading}. {passage.text}"


def statement_text(passage: Passage, statement: Statement) -> str:
    """What is embedded for one statement of a passage."""
    return f"{passage.heading}. {statement.text}" if statement.items else statement.text


def entries_of(passage: Passage, kind: Kind) -> list[_Entry]:
    """The vectors that belong to a passage, each under an id that changes with its text."""
    texts = {
        "passages": [passage_text(passage)],
        "questions": list(passage.questions),
        "statements": [statement_text(passage, s) for s in passage.statements],
    }[kind]
    return [_Entry(entry_id(passage.id, text), text) for text in dict.fromkeys(texts)]


def open_index(
    corpus: Corpus,
    embedder: Embedder,
    folder: Path,
    chroma_url: str | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
) -> Index:
    """Open the index of `corpus`, first bringing it up to date where it is not.

    `progress` is called with (texts embedded, texts to embed). Raises WrongModelError when the index
    was made with another model, and IndexingError when the folder or the server cannot be used.
    """
    client = open_client(folder / "chroma", chroma_url)
    try:
        with FileLock(folder / "write.lock", timeout=_WAIT_SECONDS):
            if rebuild:
                drop_collections(client)
                shutil.rmtree(folder / "words", ignore_errors=True)
            vectors = VectorIndex(client, embedder.name, embedder.dimension)
            if vectors.corpus_hash != corpus.hash:
                _synchronise(vectors, corpus, embedder, progress)
            vectors.keep_at_hand("statements")
            return Index(vectors, _open_words(folder / "words" / corpus.hash, corpus), embedder)
    except Timeout as error:
        raise IndexingError(
            f"Een ander proces werkt al langer dan {_WAIT_SECONDS // 60} minuten aan de index in {folder}. "
            "Wacht tot het klaar is, of stop het."
        ) from error
    except IndexingError:
        raise
    except Exception as error:  # Chroma and SQLite raise many kinds for a full disk or a read-only folder
        raise IndexingError(
            f"De index in {folder} kan niet bijgewerkt worden ({error}). Controleer of je er mag schrijven en of er "
            "ruimte is op de schijf. De index is altijd opnieuw te maken met 'verbind-bot ingest --rebuild'."
        ) from error


def _synchronise(vectors: VectorIndex, corpus: Corpus, embedder: Embedder, progress: Progress | None) -> None:
    vectors.mark_complete("")
    plan: list[tuple[Kind, list[_Entry]]] = []
    for kind in KINDS:
        wanted = {entry.id: entry for passage in corpus.passages for entry in entries_of(passage, kind)}
        there = vectors.ids(kind)
        vectors.remove(kind, sorted(there - wanted.keys()))
        plan.append((kind, [entry for key, entry in wanted.items() if key not in there]))
    total = sum(len(entries) for _, entries in plan)
    done = 0
    for kind, entries in plan:
        embed = embedder.embed_queries if kind == "questions" else embedder.embed_documents
        for batch in _by_length(entries):
            vectors.add(kind, [entry.id for entry in batch], embed([entry.text for entry in batch]))
            done += len(batch)
            if progress:
                progress(done, total)
    vectors.mark_complete(corpus.hash)


def _by_length(entries: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    """Batches of texts of about the same length: a batch takes as long as its longest text."""
    ordered = sorted(entries, key=lambda entry: len(entry.text))
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


def _open_words(folder: Path, corpus: Corpus) -> WordIndex:
    try:
        return WordIndex.load(folder)
    except (OSError, ValueError, KeyError):
        words = WordIndex.build(corpus.passages, corpus.terms)
        for old in folder.parent.glob("*") if folder.parent.is_dir() else []:
            shutil.rmtree(old, ignore_errors=True)
        words.save(folder)
        return words
