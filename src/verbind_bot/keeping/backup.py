"""Everything that cannot be made again from the corpus's folder -> one file."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from verbind_bot import __version__
from verbind_bot.bootstrap import INGESTED, chroma_server
from verbind_bot.errors import ArchiveError
from verbind_bot.index.entries import own_ids
from verbind_bot.index.moving import client_of
from verbind_bot.index.releases import Release, read_pointer
from verbind_bot.index.snapshots import read_snapshot, snapshot_path
from verbind_bot.index.vectors import KINDS, VectorIndex
from verbind_bot.keeping.manifest import (
    DATABASE,
    MANIFEST,
    ROWS,
    KeptRelease,
    Manifest,
    Summary,
    content_of,
    is_safe,
    summary,
)
from verbind_bot.settings import Settings
from verbind_bot.storage.copying import copy_database, sqlite_file

Progress = Callable[[int, int], None]
_NO_FOLDER = "kon niet: de map bestaat niet. Kies een map die er is."


def make_backup(settings: Settings, target: Path, progress: Progress | None = None) -> Summary:
    """Write a backup to `target`, whole or not at all; a server may go on meanwhile. `progress` counts vectors.

    Raises ArchiveError when `target` cannot be written, and IndexingError when the index is not whole.
    """
    if not target.absolute().parent.is_dir():
        raise ArchiveError(f"Een reservekopie schrijven naar {target} {_NO_FOLDER}")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".backup-") as name:
            folder = Path(name)
            kept, notes = _database(settings, folder)
            _sources(settings, folder)
            releases, pinned = _index(settings, folder, progress)
            manifest = Manifest(
                format=1,
                version=__version__,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                database="sqlite" if kept else "elsewhere",
                releases=releases,
                pinned=pinned,
                files={path.relative_to(folder).as_posix(): content_of(path) for path in _files(folder)},
            )
            return summary(manifest, _pack(folder, manifest, target), notes)
    except OSError as error:
        raise ArchiveError(
            f"De reservekopie {target} kan niet geschreven worden ({error.strerror}). Controleer of je er mag "
            "schrijven en of er ruimte is op de schijf."
        ) from error


def _database(settings: Settings, folder: Path) -> tuple[bool, list[str]]:
    file = sqlite_file(settings.resolved_database_url)
    if file is None:
        return False, [
            "De database staat er niet in: ze staat op een eigen server. Maak daar een kopie van met pg_dump."
        ]
    if file.is_file():
        copy_database(file, folder / DATABASE)
    return file.is_file(), []


def _sources(settings: Settings, folder: Path) -> None:
    kept = settings.data_dir / INGESTED
    for path in sorted(kept.rglob("*")) if kept.is_dir() else []:
        name = f"{INGESTED}/{path.relative_to(kept).as_posix()}"
        if path.is_symlink() or not path.is_file() or path.name.startswith(".") or not is_safe(name):
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)


def _index(settings: Settings, folder: Path, progress: Progress | None) -> tuple[list[KeptRelease], bool]:
    server, done = chroma_server(settings), 0
    if server is None and not (settings.index_dir / "chroma").is_dir():
        return [], False
    with client_of(settings.index_dir, server) as client:
        pointer = read_pointer(client)
        total = sum(release.vectors for release in pointer.releases)
        for number, release in enumerate(pointer.releases):
            place = snapshot_path(folder, release.corpus)
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(snapshot_path(settings.index_dir, release.corpus), place)
            for rows in _vectors(client, settings.index_dir, release, folder / "vectors" / str(number)):
                done += rows
                if progress:
                    progress(done, total)
    return [_kept(release, number) for number, release in enumerate(pointer.releases)], pointer.pinned


def _vectors(client: Any, index: Path, release: Release, target: Path) -> Iterator[int]:
    """Write the vectors of a release in files of bounded size; yields how many went into each."""
    own = own_ids(read_snapshot(index, release.corpus))
    vectors = VectorIndex(client, release.model, release.dimension, release.prefix, own, create=False)
    for kind in KINDS:
        ids = sorted(own[kind])
        for start in range(0, len(ids), ROWS):
            found = vectors.stored(kind, ids[start : start + ROWS])
            if len(found) < len(ids[start : start + ROWS]):
                raise ArchiveError("De index is niet heel, of hij werd net gewisseld. Maak de kopie opnieuw.")
            (target / kind).mkdir(parents=True, exist_ok=True)
            np.savez(
                target / kind / f"{start // ROWS}.npz",
                ids=np.array(list(found), dtype=np.str_),
                vectors=np.array(list(found.values()), dtype=np.float32),
            )
            yield len(found)


def _kept(release: Release, folder: int) -> KeptRelease:
    return KeptRelease(
        corpus=release.corpus,
        model=release.model,
        dimension=release.dimension,
        when=release.when,
        passages=release.passages,
        vectors=release.vectors,
        folder=folder,
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _pack(folder: Path, manifest: Manifest, target: Path) -> int:
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds people's conversations
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
            (folder / MANIFEST).write_text(manifest.model_dump_json(), encoding="utf-8")
            for name in (MANIFEST, *manifest.files):
                tar.add(folder / name, name, recursive=False)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size
