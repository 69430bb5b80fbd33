"""Files -> Documents, each parsed once: what was read is kept by the hash of the content."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from verbind_bot.corpus.reading.document import Document, Limits
from verbind_bot.corpus.reading.formats import READERS, SIMPLE
from verbind_bot.corpus.reading.isolated import read_isolated
from verbind_bot.corpus.reading.kinds import Kind, kind_of
from verbind_bot.errors import CorpusError

# Raise this when a reader changes what it makes of a file; what was kept under another number is not used again.
VERSION = 2


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file as it was read: its bytes and their hash, its format, and its text."""

    content: bytes
    hash: str
    kind: Kind
    document: Document


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Reads files within limits; `cache` is a disposable folder for what PDF, Word and HTML files were read into."""

    limits: Limits = field(default_factory=Limits)
    cache: Path | None = None

    def read(self, path: Path) -> ReadFile:
        """Read a file. Raises CorpusError, with its path, when it cannot be read or is too large."""
        try:
            content = self._content(path)
            kind = kind_of(content, path.name)
            digest = hashlib.sha256(content).hexdigest()
            return ReadFile(content, digest, kind, self._document(content, kind, digest))
        except CorpusError as error:
            raise error if error.path else CorpusError(str(error), str(path)) from error
        except OSError as error:
            raise CorpusError(f"dit bestand kan niet gelezen worden ({error.strerror}).", str(path)) from error

    def _content(self, path: Path) -> bytes:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise CorpusError("dit is geen gewoon bestand. Kies een bestand met tekst.")
        if found.st_size <= self.limits.bytes:
            with path.open("rb") as file:
                content = file.read(self.limits.bytes + 1)
            if len(content) <= self.limits.bytes:
                return content
        raise CorpusError(
            f"dit bestand is groter dan {self.limits.bytes // 2**20} MB. Deel het op, of verhoog VERBIND_MAX_SOURCE_MB."
        )

    def _document(self, content: bytes, kind: Kind, digest: str) -> Document:
        if kind in SIMPLE:
            return READERS[kind](content, self.limits)
        kept = self.cache / f"v{VERSION}" / f"{digest}-{kind.name.lower()}.json" if self.cache else None
        if kept:
            with suppress(OSError, ValueError):
                return Document.from_json(kept.read_text(encoding="utf-8"))
        document = read_isolated(content, kind, self.limits)
        if kept:
            _keep(kept, document)
        return document


def _keep(path: Path, document: Document) -> None:
    """Write to the cache; a full disk or a folder that is read only costs time, not the answer."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(document.to_json(), encoding="utf-8")
        part.replace(path)
