"""All own sources -> their passages: those in the corpus folder, and those that were ingested."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from verbind_bot.corpus.edition import Section
from verbind_bot.corpus.importer import Origin, import_passages, is_note, slug
from verbind_bot.corpus.reading.kinds import SUFFIXES
from verbind_bot.corpus.reading.source_reader import ReadFile, SourceReader
from verbind_bot.errors import CorpusError
from verbind_bot.types import Passage, Reference


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read, with what is known of it: the id of its passages, the work that it is, its name for readers."""

    path: Path
    id: str = ""
    reference: str = ""
    title: str = ""


def files_in(folder: Path) -> Iterator[Path]:
    """Every file in a folder whose name says that it can be read, sorted; hidden files and links are passed over."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.suffix.lower() in SUFFIXES and not path.is_symlink():
                yield path


def own_passages(
    folder: Path,
    kept: Iterable[SourceFile],
    reader: SourceReader,
    outline: Sequence[Section],
    works: Mapping[str, Reference],
) -> list[Passage]:
    """The passages of the files in `folder` and of the kept ones; the same content counts once.

    Raises CorpusError for a file that cannot be read, or when two files are the note.
    """
    seen: dict[str, Path] = {}
    note: Path | None = None
    passages: list[Passage] = []
    for file in _with_ids(folder, kept, works):
        read = reader.read(file.path)
        if read.hash in seen:
            continue
        seen[read.hash] = file.path
        found = passages_of(read, file, outline, works)
        if is_note(found):
            if note:
                raise CorpusError(
                    f"dit is de notitie, en '{note.name}' is dat ook. Verwijder een van de twee.", str(file.path)
                )
            note = file.path
        passages += found
    return passages


def passages_of(
    read: ReadFile, file: SourceFile, outline: Sequence[Section], works: Mapping[str, Reference]
) -> list[Passage]:
    """The passages of one file. Raises CorpusError when it has none."""
    origin = Origin(
        file.id or slug(file.path.stem), file.title or file.path.stem, file.path.name, works.get(file.reference)
    )
    passages = import_passages(read.document, origin, outline)
    if not passages:
        raise CorpusError("hier staat geen tekst in. Kies een bestand met tekst.", str(file.path))
    return passages


def _with_ids(folder: Path, kept: Iterable[SourceFile], works: Mapping[str, Reference]) -> list[SourceFile]:
    """Every file with an id of its own; a file that is named after a work's key is that work."""
    named = list(kept)
    taken = {file.id for file in named if file.id}
    files = []
    for file in [*(SourceFile(path) for path in files_in(folder)), *named]:
        stem, identity = file.path.stem, file.id
        if not identity:
            inside = file.path.is_relative_to(folder)
            longer = str(file.path.relative_to(folder).with_suffix("")) if inside else stem
            identity = free_id(slug(stem), taken, slug(longer))
            taken.add(identity)
        reference = file.reference or (stem if not file.id and stem in works else "")
        files.append(replace(file, id=identity, reference=reference))
    return files


def free_id(wanted: str, taken: Iterable[str], longer: str = "") -> str:
    """An id that is not taken: the wanted one, the longer one, or one with a number."""
    used = set(taken)
    candidates = [wanted, longer or wanted, *(f"{wanted}-{n}" for n in range(2, len(used) + 3))]
    return next(name for name in candidates if name not in used)
