"""Corpora as they were indexed, kept as compressed JSON lines: what answers from an older release quote from."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from verbind_bot.corpus.edition import Section
from verbind_bot.corpus.library import Corpus
from verbind_bot.errors import IndexingError
from verbind_bot.types import Passage, Reference, Term

FORMAT = 1
_KINDS: dict[str, type] = {"passage": Passage, "reference": Reference, "term": Term}


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def snapshot_path(folder: Path, corpus_hash: str) -> Path:
    """Where the snapshot of the corpus with this fingerprint is kept under the index's folder."""
    return folder / "releases" / f"{corpus_hash}.json.gz"


def write_snapshot(folder: Path, corpus: Corpus) -> None:
    """Keep `corpus`, whole or not at all."""
    target = snapshot_path(folder, corpus.hash)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with part.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for line in _lines(corpus):
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        file.flush()
    part.replace(target)


def read_snapshot(folder: Path, corpus_hash: str) -> Corpus:
    """The corpus that was kept. Raises IndexingError when it is not there, broken, or another one."""
    path = snapshot_path(folder, corpus_hash)
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            corpus = _corpus_of(json.loads(line) for line in file)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error, ValidationError) as error:
        raise IndexingError(
            f"Het corpus van de index ({path.name}) kan niet gelezen worden ({type(error).__name__}). Draai "
            "'verbind-bot ingest': die maakt de index voor het corpus zoals het nu is."
        ) from error
    if corpus.hash != corpus_hash:
        raise IndexingError(
            f"Het bewaarde corpus {path.name} is niet wat de index zegt ({corpus.hash}). Draai 'verbind-bot ingest'."
        )
    return corpus


def _lines(corpus: Corpus) -> Iterator[dict[str, Any]]:
    yield {"kind": "corpus", "format": FORMAT, "hash": corpus.hash}
    for section in corpus.sections:
        ids = [passage.id for passage in section.passages]
        yield {"kind": "section", "value": {**asdict(replace(section, passages=())), "passages": ids}}
        # The note's own text may have taken a passage's place: then it lives in its section alone.
        yield from ({"kind": "own", "value": asdict(p)} for p in section.passages if corpus.by_id.get(p.id) != p)
    for kind, values in (
        ("passage", corpus.passages),
        ("reference", corpus.references.values()),
        ("term", corpus.terms),
    ):
        yield from ({"kind": kind, "value": asdict(value)} for value in values)


def _corpus_of(lines: Iterable[dict[str, Any]]) -> Corpus:
    sections: list[dict[str, Any]] = []
    own: dict[str, Passage] = {}
    read: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    rows = iter(lines)
    head = next(rows, {})
    if head.get("kind") != "corpus" or head.get("format") != FORMAT:
        raise ValueError("another format")
    for line in rows:
        kind, value = line["kind"], line["value"]
        if kind == "section":
            sections.append(value)
        elif kind == "own":
            own[value["id"]] = _adapter(Passage).validate_python(value)
        else:
            read[kind].append(_adapter(_KINDS[kind]).validate_python(value))
    found = {passage.id: passage for passage in read["passage"]} | own
    return Corpus(
        tuple(Section(**{**s, "passages": tuple(found[key] for key in s["passages"])}) for s in sections),
        tuple(read["passage"]),
        {reference.key: reference for reference in read["reference"]},
        tuple(read["term"]),
    )
