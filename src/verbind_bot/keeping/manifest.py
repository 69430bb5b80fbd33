"""What a backup says of itself: read as the first thing in it, and checked against all that follows."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MANIFEST, DATABASE = "manifest.json", "verbind.db"
FORMAT = 1
CHUNK = 1 << 20
ROWS = 10_000  # vectors in one file
_PART = r"[^/\\\x00-\x1f]{1,255}"
_NAME = re.compile(
    rf"(?:{re.escape(DATABASE)}|bronnen(?:/{_PART}){{1,8}}|releases/[0-9a-f]{{16}}\.json\.gz"
    r"|vectors/\d{1,2}/(?:passages|questions|statements)/\d{1,6}\.npz)"
)


class Content(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class KeptRelease(BaseModel):
    """A release in a backup; `folder` is where its vectors are, under `vectors/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str = Field(pattern=r"^[0-9a-f]{16}$")
    model: str = Field(min_length=1, max_length=1000)
    dimension: int = Field(ge=1, le=65536)
    when: str = Field(max_length=64)
    passages: int = Field(ge=0)
    vectors: int = Field(ge=0)
    folder: int = Field(ge=0, le=99)


class Manifest(BaseModel):
    """What is in a backup; `releases` holds the current one and the one before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    version: str
    created: str
    database: Literal["sqlite", "elsewhere"]
    releases: list[KeptRelease] = Field(max_length=2)
    pinned: bool
    files: dict[str, Content] = Field(max_length=500_000)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was kept or put back; `size` in bytes of the archive, `notes` for whoever asked."""

    created: str
    size: int
    vectors: int
    sources: int
    notes: tuple[str, ...]


def is_safe(name: str) -> bool:
    """Whether a name in a backup can only lead to a place of ours."""
    return bool(_NAME.fullmatch(name)) and not {".", ".."} & set(name.split("/"))


def content_of(path: Path) -> Content:
    """The size and checksum of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Content(size=size, sha256=digest.hexdigest())


def summary(manifest: Manifest, size: int, notes: list[str]) -> Summary:
    """What a manifest says, counted."""
    sources = sum(name.startswith("bronnen/") and name != "bronnen/register.json" for name in manifest.files)
    vectors = manifest.releases[0].vectors if manifest.releases else 0
    return Summary(manifest.created, size, vectors, sources, tuple(notes))
