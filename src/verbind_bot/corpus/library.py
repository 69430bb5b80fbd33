"""Everything that the assistant knows, read from the corpus folder and checked as a whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from verbind_bot.corpus.edition import Section, read_section
from verbind_bot.corpus.gathering import SourceFile, own_passages
from verbind_bot.corpus.reading.source_reader import SourceReader
from verbind_bot.corpus.references import read_references
from verbind_bot.corpus.terms import read_terms
from verbind_bot.errors import CorpusError
from verbind_bot.types import Edition, Passage, Reference, Source, Term

OWN = "bronnen"  # the folder, in a corpus, of texts that a maintainer adds


@dataclass(frozen=True)
class Corpus:
    """All passages in reading order, and the outline, works and terms that they name."""

    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    references: Mapping[str, Reference]
    terms: tuple[Term, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Passage]:
        """The passages by id."""
        return {passage.id: passage for passage in self.passages}

    @cached_property
    def hash(self) -> str:
        """A fingerprint of all that is indexed or shown: passages, their questions, pages and works, and the terms."""
        digest = hashlib.sha256()
        for passage in self.passages:
            digest.update("\x1f".join((passage.id, passage.title, passage.heading, passage.text)).encode())
            digest.update("\x1f".join(passage.questions).encode() + b"\x1e")
            if passage.edition is Edition.ORIGINAL:
                digest.update(repr((passage.references, [s.page for s in passage.statements])).encode())
        for term in self.terms:
            digest.update("\x1f".join(term.names).encode() + b"\x1e")
        return digest.hexdigest()[:16]

    @cached_property
    def _runs(self) -> Mapping[str, tuple[list[Passage], int]]:
        """Each passage's section, as a run of passages, and where in it the passage stands."""
        runs: dict[tuple[str, Source], list[Passage]] = {}
        for passage in self.passages:
            runs.setdefault((passage.locator, passage.source), []).append(passage)
        return {passage.id: (run, n) for run in runs.values() for n, passage in enumerate(run)}

    def neighbours(self, passage: Passage) -> tuple[Passage | None, Passage | None]:
        """The passages before and after `passage` in the same section; none for a term or a reference."""
        if passage.source in (Source.TERM, Source.REFERENCE):
            return None, None
        run, at = self._runs[passage.id]
        return (run[at - 1] if at else None), (run[at + 1] if at + 1 < len(run) else None)


def read_outline(folder: Path) -> tuple[Section, ...]:
    """The sections of the edition, in reading order. Raises CorpusError as `load_corpus` does."""
    files = sorted((folder / "notitie").glob("*.md"), key=lambda path: _reading_order(path.stem))
    if not files:
        raise CorpusError(
            "hier staat geen enkel bestand notitie/*.md. Wijs VERBIND_CORPUS_DIR naar een map met een corpus.",
            str(folder),
        )
    sections = tuple(read_section(path) for path in files)
    _refuse_double_locators(sections, files)
    return sections


def load_corpus(folder: Path, extra: Iterable[SourceFile] = (), reader: SourceReader | None = None) -> Corpus:
    """Read a corpus folder, and files that were ingested from elsewhere.

    Raises CorpusError, with file and line, for a broken file, a double passage id, a locator that
    two files claim, or a reference that `referenties.bib` does not have.
    """
    sections = read_outline(folder)
    references, reference_passages = read_references(folder / "referenties.bib")
    terms, term_passages = read_terms(folder / "begrippen.yaml")
    known = {reference.key: reference for reference in references}
    own = own_passages(folder / OWN, extra, reader or SourceReader(), sections, known)
    edition = [passage for section in sections for passage in section.passages]
    passages = (*_put_original_first(edition, own), *reference_passages, *term_passages)
    _check(passages, known)
    return Corpus(sections, passages, known, terms)


def _put_original_first(edition: list[Passage], own: list[Passage]) -> list[Passage]:
    """The note's own text replaces the edition's for each locator that it has, and takes over its questions."""
    original = [p for p in own if p.edition is Edition.ORIGINAL and p.source is Source.NOTE]
    questions: dict[str, tuple[str, ...]] = {}
    kept = []
    for passage in edition:
        same = [p for p in original if p.locator == passage.locator]
        if not same:
            kept.append(passage)
            continue
        words = _words(passage.text)
        nearest = max(same, key=lambda p: len(words & _words(p.text)))
        questions[nearest.id] = questions.get(nearest.id, ()) + passage.questions
    return kept + [replace(p, questions=p.questions + questions.get(p.id, ())) for p in own]


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"\w{5,}", text)}


def _reading_order(locator: str) -> tuple[int, ...]:
    """Where a locator comes in the note: Inleiding, Opzet, each source with its sections, appendices, institute."""
    head, _, number = locator.partition("-")
    if head == "bron":
        return (int(number),)
    if head == "bijlage":
        return 90, int(number)
    if not locator[0].isdigit():
        return (91,)
    numbers = tuple(int(part) for part in locator.split(".") if part.isdigit())
    return numbers if len(numbers) > 1 else (0, *numbers)


def _refuse_double_locators(sections: Iterable[Section], files: Iterable[Path]) -> None:
    seen: dict[str, Path] = {}
    for section, path in zip(sections, files, strict=True):
        if section.locator in seen:
            raise CorpusError(f"locator '{section.locator}' staat ook in {seen[section.locator].name}.", str(path), 2)
        seen[section.locator] = path


def _check(passages: Iterable[Passage], references: Mapping[str, Reference]) -> None:
    seen: dict[str, Passage] = {}
    for passage in passages:
        if passage.id in seen:
            raise CorpusError(
                f"passage-id '{passage.id}' komt twee keer voor (ook in {seen[passage.id].path}). "
                "Geef een van de twee een andere naam.",
                passage.path,
            )
        seen[passage.id] = passage
        for key in passage.references:
            if references and key not in references:
                raise CorpusError(f"'{key}' staat niet in referenties.bib (passage {passage.id}).", passage.path)
