"""`referenties.bib` -> the works that the note cites, each also a passage that can be found and cited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Entry

from verbind_bot.corpus.blocks import build_body, split_blocks
from verbind_bot.errors import CorpusError
from verbind_bot.types import Passage, Reference, Source

_OURS = frozenset({"locators", "annotation", "vragen"})


def read_references(path: Path) -> tuple[tuple[Reference, ...], tuple[Passage, ...]]:
    """Read a BibTeX file whose entries carry `locators`, an `annotation` and `vragen` (divided by `|`).

    Raises CorpusError, with the line, for an entry that is broken, double or lacks one of these.
    """
    if not path.is_file():
        return (), ()
    library = parse_string(path.read_text(encoding="utf-8"))
    for block in library.failed_blocks:
        raise CorpusError("deze BibTeX-regel is stuk of staat er dubbel in.", str(path), (block.start_line or 0) + 1)
    pairs = [_entry(entry, path) for entry in library.entries]
    return tuple(reference for reference, _ in pairs), tuple(passage for _, passage in pairs)


def _entry(entry: Entry, path: Path) -> tuple[Reference, Passage]:
    values = {key.lower(): _clean(str(item.value)) for key, item in entry.fields_dict.items()}
    line = (entry.start_line or 0) + 1
    for wanted in ("locators", "annotation"):
        if not values.get(wanted):
            raise CorpusError(f"bij '{entry.key}' ontbreekt het veld '{wanted}'.", str(path), line)
    reference = Reference(
        key=entry.key,
        kind=entry.entry_type,
        fields=tuple((key, value) for key, value in values.items() if key not in _OURS),
        locators=tuple(part.strip() for part in values["locators"].split(",") if part.strip()),
        annotation=values["annotation"],
    )
    body = build_body(split_blocks([reference.annotation]))
    passage = Passage(
        id=f"referentie:{reference.key}",
        locator=reference.locators[0],
        title=f"Referentie: {reference.label}",
        heading=values.get("title") or reference.label,
        text=body.text,
        statements=tuple(replace(statement, references=(reference.key,)) for statement in body.statements),
        questions=tuple(part.strip() for part in values.get("vragen", "").split("|") if part.strip()),
        references=(reference.key,),
        source=Source.REFERENCE,
        path=path.name,
    )
    return reference, passage


def _clean(value: str) -> str:
    return " ".join(value.replace("{", "").replace("}", "").replace("\\&", "&").replace("\\%", "%").split())
