"""The sources that a maintainer added: a copy of each file, and a register of what it is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from verbind_bot.corpus.edition import Section
from verbind_bot.corpus.gathering import SourceFile, free_id, passages_of
from verbind_bot.corpus.importer import is_note, slug
from verbind_bot.corpus.reading.source_reader import ReadFile, SourceReader
from verbind_bot.corpus.register import REGISTER, Kept, read_register, write_register, write_whole
from verbind_bot.errors import CorpusError
from verbind_bot.types import Passage, Reference

_LONGEST_NAME = 120
_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file: the source, its passages, and `nieuw`, `gewijzigd`, `hernoemd` or `gelijk`."""

    kept: Kept
    change: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class KeptSources:
    """The folder with copies and its register. Each change is written at once, so that nothing is done twice."""

    folder: Path

    def all(self) -> list[Kept]:
        """Every source, by name; also a file that is not in the register. Raises CorpusError for a broken register."""
        rows = {row.name: row for row in read_register(self.folder) if (self.folder / row.name).is_file()}
        known = {row.id for row in rows.values()}
        for path in sorted(self.folder.glob("[!.]*.*")) if self.folder.is_dir() else []:
            if path.name not in rows and path.name != REGISTER and path.is_file():
                rows[path.name] = Kept(path.name, free_id(slug(path.stem), known), "", "", 0, "")
                known.add(rows[path.name].id)
        return sorted(rows.values(), key=lambda row: row.name.lower())

    def files(self) -> list[SourceFile]:
        """What there is to read."""
        return [SourceFile(self.folder / row.name, row.id, row.reference, Path(row.name).stem) for row in self.all()]

    def add(
        self,
        file: Path,
        reader: SourceReader,
        outline: Sequence[Section],
        works: Mapping[str, Reference],
        reference: str | None = None,
    ) -> Added:
        """Read a file and keep it. Raises CorpusError when it cannot be read or names a work that is not there."""
        if not file.is_file():
            raise CorpusError("dit bestand bestaat niet. Controleer het pad.", str(file))
        read = reader.read(file)
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._writing():
            for part in self.folder.glob(".*.part"):  # of who was stopped halfway
                part.unlink()
            rows = self.all()
            row, change = self._place(read, file, rows, works, reference)
            source = SourceFile(file, row.id, row.reference, Path(row.name).stem)
            passages = passages_of(read, source, outline, works)
            row = replace(row, passages=len(passages), note=is_note(passages))
            _refuse_second_note(row, rows, file)
            self._keep(row, read, rows)
        return Added(row, change, tuple(passages))

    def remove(self, name: str) -> Kept:
        """Forget a source. Raises CorpusError with the nearest name when there is none of this name."""
        if not self.folder.is_dir():
            raise CorpusError("er zijn nog geen eigen bronnen. Neem er een op met 'verbind-bot ingest BESTAND'.")
        with self._writing():
            rows = self.all()
            found = next((row for row in rows if row.name == name), None)
            if found is None:
                raise CorpusError(f"er is geen bron '{name}'. {nearest(name, [row.name for row in rows])}")
            write_register(self.folder, [row for row in rows if row is not found])
            (self.folder / found.name).unlink(missing_ok=True)
        return found

    def _writing(self) -> FileLock:
        """Held while the folder changes, so that two who add files at once do not undo each other's work."""
        return FileLock(self.folder.with_name(f"{self.folder.name}.lock"), timeout=_WAIT_SECONDS)

    def _place(
        self, read: ReadFile, file: Path, rows: list[Kept], works: Mapping[str, Reference], reference: str | None
    ) -> tuple[Kept, str]:
        """The row for a file, and what changes by it."""
        if reference is None and file.stem in works:
            reference = file.stem
        origin = str(file.resolve())
        same = next((row for row in rows if row.hash == read.hash or self._holds(row, read)), None)
        if same:
            moved = same.origin not in ("", origin) and not Path(same.origin).exists()
            name = self._free_name(file.name, rows, same) if moved else same.name
            work = same.reference if reference is None else reference
            change = "gewijzigd" if work != same.reference else "hernoemd" if name != same.name else "gelijk"
            origin = origin if moved or not same.origin else same.origin
            added = same.added or _now()
            return replace(
                same, name=name, reference=work, origin=origin, hash=read.hash, kind=read.kind.value, added=added
            ), change
        before = next((row for row in rows if row.origin == origin), None)
        if before:
            work = before.reference if reference is None else reference
            return replace(before, hash=read.hash, kind=read.kind.value, added=_now(), reference=work), "gewijzigd"
        name = self._free_name(file.name, rows)
        identity = free_id(slug(Path(name).stem), [row.id for row in rows])
        return Kept(name, identity, read.hash, read.kind.value, 0, _now(), origin, reference or ""), "nieuw"

    def _holds(self, row: Kept, read: ReadFile) -> bool:
        """Whether a copy that is not in the register yet is this very file."""
        path = self.folder / row.name
        return not row.hash and path.stat().st_size == len(read.content) and path.read_bytes() == read.content

    def _free_name(self, wanted: str, rows: list[Kept], but: Kept | None = None) -> str:
        taken = {row.name.lower() for row in rows if row is not but} | {REGISTER}
        path = Path(_safe(wanted))
        names = [path.name, *(f"{path.stem}-{n}{path.suffix}" for n in range(2, len(taken) + 3))]
        return next(name for name in names if name.lower() not in taken)

    def _keep(self, row: Kept, read: ReadFile, rows: list[Kept]) -> None:
        """Write the copy, then the register: a stop in between leaves a file that is found and read all the same."""
        before = next((other for other in rows if other.id == row.id), None)
        if before == row:
            return
        if before is None or before.hash != row.hash or before.name != row.name:
            write_whole(self.folder / row.name, read.content)
        write_register(self.folder, [other for other in rows if other is not before] + [row])
        if before and before.name != row.name:
            (self.folder / before.name).unlink(missing_ok=True)


def nearest(name: str, names: Sequence[str]) -> str:
    """A sentence that helps who typed a name that is not there."""
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    return f"Bedoel je '{near[0]}'?" if near else "Kijk met 'verbind-bot ingest --list' welke er zijn."


def _refuse_second_note(row: Kept, rows: Sequence[Kept], file: Path) -> None:
    other = next((kept for kept in rows if kept.note and kept.id != row.id), None)
    if row.note and other:
        raise CorpusError(
            f"dit is de notitie, en die is er al als '{other.name}'. Verwijder die eerst met "
            f"'verbind-bot ingest --remove \"{other.name}\"'.",
            str(file),
        )


def _safe(name: str) -> str:
    """A name for the copy: no characters that a folder or a terminal could take for something else."""
    path = Path(re.sub(r"[^\w .,()&+'’-]", "_", name).strip(" ."))
    return f"{path.stem[:_LONGEST_NAME] or 'bron'}{path.suffix[:12] or '.txt'}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
