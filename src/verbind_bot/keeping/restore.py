"""A verified backup in the place of what is there."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from verbind_bot.bootstrap import INGESTED, chroma_server
from verbind_bot.errors import ArchiveError, HeldError, IndexingError, StorageError
from verbind_bot.index.chroma import look_again, reaching
from verbind_bot.index.cleaning import clean
from verbind_bot.index.embedding import Vectors
from verbind_bot.index.entries import own_ids
from verbind_bot.index.holding import hold, refuse_when_held, writing
from verbind_bot.index.making import open_words
from verbind_bot.index.moving import client_of
from verbind_bot.index.releases import Pointer, Release, move_pointer, read_pointer
from verbind_bot.index.snapshots import read_snapshot, snapshot_path
from verbind_bot.index.vectors import KINDS, Kind, VectorIndex
from verbind_bot.keeping.manifest import CHUNK, DATABASE, KeptRelease, Manifest, Summary, summary
from verbind_bot.keeping.unpacking import unpack
from verbind_bot.settings import Settings
from verbind_bot.storage.copying import check_database, put_database, sqlite_file

Progress = Callable[[int, int], None]
_SNAPSHOT_BYTES = 4 << 30
_BATCH = 500


def restore_backup(settings: Settings, archive: Path, progress: Progress | None = None) -> Summary:
    """Put a backup in the place of the sources, the index and the database; nothing is embedded for it.

    All of it is verified first, and the vectors are stored beside those that answer; only then is anything
    replaced. Raises ArchiveError for an archive that cannot be trusted, HeldError while a server runs.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with _alone(settings), tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as name:
            folder = Path(name)
            manifest = unpack(archive, folder)
            notes = _check(settings, folder, manifest)
            _put_back(settings, folder, manifest, progress)
    except OSError as error:
        raise ArchiveError(
            f"De reservekopie kan niet teruggezet worden ({error.strerror}). Controleer of je in {settings.data_dir} "
            "mag schrijven en of er ruimte is op de schijf, en doe het dan opnieuw."
        ) from error
    return summary(manifest, archive.stat().st_size, notes)


def _put_back(settings: Settings, folder: Path, manifest: Manifest, progress: Progress | None) -> None:
    with client_of(settings.index_dir, chroma_server(settings)) as client, writing(settings.index_dir):
        after = _pointer(read_pointer(client), manifest)
        for release, kept in zip(after.releases, manifest.releases, strict=True):
            _store(client, folder, release, kept, progress)
        _replace(settings, folder, manifest)
        for release in after.releases:
            open_words(settings.index_dir, read_snapshot(settings.index_dir, release.corpus))
        with reaching():
            move_pointer(client, after)
        clean(client, settings.index_dir, Pointer(), after, 0)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """While nobody serves the local index."""
    if settings.chroma_url:
        yield
        return
    refuse_when_held(settings.index_dir)
    held = hold(settings.index_dir)
    if held is None:
        raise HeldError("Er is intussen een server gestart. Stop die, en zet de kopie dan terug.")
    look_again()
    try:
        yield
    finally:
        held.release()


def _check(settings: Settings, folder: Path, manifest: Manifest) -> list[str]:
    """Look into every part before anything is replaced; returns what to tell."""
    notes = []
    for kept in manifest.releases:
        _check_snapshot(folder, kept)
        for kind in KINDS:
            for _ in _rows(folder, kept, kind):
                pass
    if (folder / DATABASE).is_file():
        try:
            check_database(folder / DATABASE)
        except StorageError as error:
            raise ArchiveError(f"{error} Er is niets veranderd.") from error
    if manifest.database == "elsewhere":
        notes.append("In deze kopie zit geen database. Zet die terug met de middelen van de databaseserver.")
    elif sqlite_file(settings.resolved_database_url) is None:
        notes.append("De database in deze kopie is niet teruggezet: ingesteld is een eigen databaseserver.")
    return notes


def _check_snapshot(folder: Path, kept: KeptRelease) -> None:
    try:
        with gzip.open(snapshot_path(folder, kept.corpus), "rb") as file:
            while file.read(CHUNK):
                if file.tell() > _SNAPSHOT_BYTES:
                    raise ArchiveError("Deze reservekopie is uitgepakt veel te groot. Er is niets veranderd.")
        corpus = read_snapshot(folder, kept.corpus)
    except (OSError, EOFError, IndexingError) as error:
        raise ArchiveError("De index in deze reservekopie is beschadigd. Er is niets veranderd.") from error
    own = own_ids(corpus)
    for kind in KINDS:
        if {key for ids, _ in _rows(folder, kept, kind) for key in ids} != own[kind]:
            raise ArchiveError("De index in deze reservekopie is niet heel. Er is niets veranderd.")


def _rows(folder: Path, kept: KeptRelease, kind: Kind) -> Iterator[tuple[list[str], Vectors]]:
    """Ids with their vectors, a file at a time."""
    files = (folder / "vectors" / str(kept.folder) / kind).glob("*.npz")
    for path in sorted(files, key=lambda path: int(path.stem)):
        try:
            with zipfile.ZipFile(path) as packed:
                inside = packed.infolist()
                if {i.filename for i in inside} != {"ids.npy", "vectors.npy"} or any(i.compress_type for i in inside):
                    raise ValueError("not as we write it")
            with np.load(path, allow_pickle=False) as arrays:
                ids, vectors = [str(key) for key in arrays["ids"]], np.asarray(arrays["vectors"])
            if vectors.shape != (len(ids), kept.dimension) or vectors.dtype != np.float32:
                raise ValueError("another shape")
            if not np.isfinite(vectors).all():
                raise ValueError("not numbers")
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, MemoryError, TypeError) as error:
            raise ArchiveError("De vectoren in deze reservekopie zijn beschadigd. Er is niets veranderd.") from error
        yield ids, vectors


def _pointer(before: Pointer, manifest: Manifest) -> Pointer:
    """The releases of the backup, in collections beside those that are there."""
    first = 1 + max((release.generation for release in before.releases), default=0)
    releases = [
        Release(kept.corpus, kept.model, kept.dimension, first, kept.when, kept.passages, kept.vectors)
        for kept in manifest.releases
    ]
    if len({release.model for release in releases}) > 1:
        releases[1] = replace(releases[1], generation=first + 1)
    current, previous = (*releases, None, None)[:2]
    return Pointer(current, previous, manifest.pinned and previous is not None)


def _store(client: Any, folder: Path, release: Release, kept: KeptRelease, progress: Progress | None) -> None:
    vectors, done = VectorIndex(client, release.model, release.dimension, release.prefix), 0
    for kind in KINDS:
        for ids, rows in _rows(folder, kept, kind):
            for start in range(0, len(ids), _BATCH):
                vectors.add(kind, ids[start : start + _BATCH], rows[start : start + _BATCH])
                done += len(ids[start : start + _BATCH])
                if progress:
                    progress(done, kept.vectors)
    vectors.mark_complete(release.corpus)


def _replace(settings: Settings, folder: Path, manifest: Manifest) -> None:
    """Put the files in their places; each goes in one step."""
    for kept in manifest.releases:
        target = snapshot_path(settings.index_dir, kept.corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        snapshot_path(folder, kept.corpus).replace(target)
    database = sqlite_file(settings.resolved_database_url)
    if database and (folder / DATABASE).is_file():
        put_database(folder / DATABASE, database)  # first: it may lie on another disk, where more can go wrong
    sources, old = settings.data_dir / INGESTED, folder / "was"
    if sources.exists():
        sources.replace(old)
    new = folder / INGESTED
    new.mkdir(exist_ok=True)
    new.replace(sources)
    shutil.rmtree(old, ignore_errors=True)
