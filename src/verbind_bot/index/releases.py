"""Which corpus the index answers from: the current release and the one before it, under one pointer in Chroma."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from verbind_bot.errors import IndexingError
from verbind_bot.index.chroma import reaching

POINTER = "verbind"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Release:
    """A corpus as it was indexed.

    `corpus` is the corpus's fingerprint; `model`, `dimension` and `generation` say in which collections
    its vectors are; `when` is ISO 8601 in UTC; `passages` and `vectors` are counts.
    """

    corpus: str
    model: str
    dimension: int
    generation: int
    when: str
    passages: int
    vectors: int

    @property
    def prefix(self) -> str:
        """How the names of its collections begin."""
        return prefix_of(self.model, self.dimension, self.generation)

    @property
    def made(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.when)

    def fits(self, model: str, dimension: int) -> bool:
        """Whether questions embedded with this model can be compared with its vectors."""
        return (self.model, self.dimension) == (model, dimension)


@dataclass(frozen=True, slots=True)
class Pointer:
    """The release that answers and the one before it; `pinned` when a maintainer put the earlier one back."""

    current: Release | None = None
    previous: Release | None = None
    pinned: bool = False

    @property
    def releases(self) -> tuple[Release, ...]:
        """The releases that are kept."""
        return tuple(release for release in (self.current, self.previous) if release)

    def moved_to(self, release: Release) -> Pointer:
        """The pointer after `release` was made."""
        return Pointer(release, self.current, False)

    def rolled_back(self) -> Pointer:
        """The two releases in each other's place, and kept so. Raises IndexingError when there is no earlier one."""
        if self.previous is None:
            raise IndexingError(
                "Er is geen vorige index om naar terug te gaan: er is er pas één gemaakt. Herstel het corpus en draai "
                "'verbind-bot ingest'."
            )
        return Pointer(self.previous, self.current, True)

    def unpinned(self) -> Pointer:
        """The same releases, no longer kept in place."""
        return replace(self, pinned=False)


def prefix_of(model: str, dimension: int, generation: int = 0) -> str:
    """How the names of the collections of a model begin; a later generation stands beside the earlier ones."""
    short = hashlib.sha256(f"{model}|{dimension}".encode()).hexdigest()[:8]
    return f"{POINTER}-{short}" + (f"-g{generation}" if generation else "")


def now() -> str:
    """This moment, as releases write it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def read_pointer(client: Any) -> Pointer:
    """The pointer of this index; an empty one when nothing was released. Raises UnavailableError, IndexingError."""
    with reaching():
        found = [c for c in client.list_collections() if c.name == POINTER]
        metadata = dict(found[0].metadata or {}) if found else {}
    return _pointer_of(metadata)


def move_pointer(client: Any, pointer: Pointer) -> None:
    """Let every reader answer from `pointer`'s current release from now on: one write."""
    metadata = {
        "format": _FORMAT,
        "current": json.dumps(asdict(pointer.current)) if pointer.current else "",
        "previous": json.dumps(asdict(pointer.previous)) if pointer.previous else "",
        "pinned": pointer.pinned,
    }
    collection = client.get_or_create_collection(POINTER, metadata=metadata, embedding_function=None)
    collection.modify(metadata=metadata)


def _pointer_of(metadata: dict[str, Any]) -> Pointer:
    if not metadata:
        return Pointer()
    try:
        if metadata["format"] != _FORMAT:
            raise ValueError("another format")
        return Pointer(_release_of(metadata["current"]), _release_of(metadata["previous"]), bool(metadata["pinned"]))
    except (ValueError, KeyError, TypeError) as error:
        raise IndexingError(
            "De index is gemaakt met een andere versie van verbind-bot. Draai 'verbind-bot ingest --rebuild': die "
            "maakt hem opnieuw."
        ) from error


def _release_of(text: str) -> Release | None:
    return Release(**json.loads(text)) if text else None
