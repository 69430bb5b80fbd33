"""Moving the pointer by hand: back to the release before, or free again for the next build."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from verbind_bot.errors import IndexingError, UnavailableError, WrongModelError
from verbind_bot.index.chroma import Server, open_client, reaching
from verbind_bot.index.entries import own_ids
from verbind_bot.index.holding import writing
from verbind_bot.index.releases import Pointer, Release, move_pointer, read_pointer
from verbind_bot.index.snapshots import read_snapshot
from verbind_bot.index.vectors import KINDS, VectorIndex

_WAIT_SECONDS = 60


@contextmanager
def client_of(folder: Path, server: Server | None) -> Iterator[Any]:
    """A Chroma client for a moment."""
    client = open_client(folder / "chroma", server)
    try:
        yield client
    finally:
        if server:
            client.close()


def look(folder: Path, server: Server | None = None) -> Pointer:
    """Which releases there are. Raises IndexingError."""
    if server is None and not (folder / "chroma").is_dir():
        return Pointer()
    with client_of(folder, server) as client:
        return read_pointer(client)


def roll_back(folder: Path, server: Server | None, model: str) -> Pointer:
    """Put the release before in the place of the current one, and keep it there until the next `unpin`.

    `model` is the name of the model that is set. A server that runs follows by itself. Raises IndexingError
    when there is no earlier release or it is not whole, WrongModelError when it is of another model.
    """
    with client_of(folder, server) as client, writing(folder, _WAIT_SECONDS):
        pointer = read_pointer(client).rolled_back()
        release = pointer.releases[0]
        if release.model != model:
            raise WrongModelError(
                f"De vorige index is gemaakt met het model '{release.model}', en ingesteld is '{model}'. Zet eerst "
                "VERBIND_EMBEDDING_MODEL terug (leeg is het standaardmodel) en doe dit dan opnieuw."
            )
        _check(client, folder, release)
        with reaching():
            move_pointer(client, pointer)
        return pointer


def unpin(folder: Path, server: Server | None = None) -> bool:
    """Let the next build put a new release in the place of one that was put back; whether there was one."""
    pointer = look(folder, server)
    if not pointer.pinned:
        return False
    with client_of(folder, server) as client, writing(folder, _WAIT_SECONDS):
        pointer = read_pointer(client)
        with reaching():
            move_pointer(client, pointer.unpinned())
    return pointer.pinned


def _check(client: Any, folder: Path, release: Release) -> None:
    own = own_ids(read_snapshot(folder, release.corpus))
    try:
        vectors = VectorIndex(client, release.model, release.dimension, release.prefix, create=False)
        lacking = sum(len(own[kind] - vectors.ids(kind)) for kind in KINDS)
    except UnavailableError:
        lacking = release.vectors
    if lacking:
        raise IndexingError(
            f"De vorige index is niet heel meer: {lacking} van de {release.vectors} vectoren zijn er niet. Zet het "
            "corpus terug zoals het was en draai 'verbind-bot ingest'."
        )
