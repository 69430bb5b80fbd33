"""What no release needs any more is removed, once no reader can still be at it."""

from __future__ import annotations

import logging
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from verbind_bot.index.entries import own_ids
from verbind_bot.index.releases import Pointer
from verbind_bot.index.snapshots import read_snapshot, snapshot_path
from verbind_bot.index.vectors import KINDS, VectorIndex

log = logging.getLogger(__name__)
_OURS = re.compile(rf"^verbind-(?:[0-9a-f]{{8}}-(?:g\d+-)?)?(?:{'|'.join(KINDS)})$")


def clean(client: Any, folder: Path, before: Pointer, after: Pointer, grace_seconds: float) -> None:
    """Remove collections, vectors, snapshots and word indexes that `after` does not name.

    A reader may be at the release before the last for as long as it has not looked: a release that was
    replaced less than `grace_seconds` ago is left to the next build. A failure is logged: the index answers.
    """
    replaced = before.current.made if before.previous and before.current else None
    if replaced and datetime.now(UTC) - replaced < timedelta(seconds=grace_seconds):
        return
    try:
        _drop_collections(client, {release.prefix for release in after.releases})
        for prefix in {release.prefix for release in after.releases}:
            _remove_entries(client, folder, after, prefix)
        _remove_files(folder, {release.corpus for release in after.releases})
    except Exception as error:  # Chroma raises many kinds
        log.warning("what the index no longer needs could not be removed: %s", type(error).__name__)


def _drop_collections(client: Any, prefixes: set[str]) -> None:
    kept = {f"{prefix}-{kind}" for prefix in prefixes for kind in KINDS}
    for name in [collection.name for collection in client.list_collections()]:
        if _OURS.match(name) and name not in kept:
            client.delete_collection(name)


def _remove_entries(client: Any, folder: Path, pointer: Pointer, prefix: str) -> None:
    releases = [release for release in pointer.releases if release.prefix == prefix]
    kept = [own_ids(read_snapshot(folder, release.corpus)) for release in releases]
    vectors = VectorIndex(client, releases[0].model, releases[0].dimension, prefix, create=False)
    for kind in KINDS:
        vectors.remove(kind, sorted(vectors.ids(kind).difference(*(own[kind] for own in kept))))


def _remove_files(folder: Path, hashes: set[str]) -> None:
    snapshots = {snapshot_path(folder, each) for each in hashes}
    for path in (folder / "releases").glob("*.json.gz"):
        if path not in snapshots:
            path.unlink(missing_ok=True)
    for path in (folder / "words").glob("*"):
        if path.name not in hashes:
            shutil.rmtree(path, ignore_errors=True)
