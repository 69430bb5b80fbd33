"""`begrippen.yaml` -> terms with their everyday synonyms, each also a passage that explains the term."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from verbind_bot.corpus.blocks import build_body, split_blocks
from verbind_bot.errors import CorpusError
from verbind_bot.types import Passage, Source, Term


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")

    term: str
    voluit: str = ""
    synoniemen: list[str] = []
    uitleg: str
    locators: list[str]
    vragen: list[str] = []


def read_terms(path: Path) -> tuple[tuple[Term, ...], tuple[Passage, ...]]:
    """Read the list of terms.

    Raises CorpusError, with the line, when a term is not written as docs/corpus.md says.
    """
    if not path.is_file():
        return (), ()
    text = path.read_text(encoding="utf-8")
    starts = [n for n, line in enumerate(text.splitlines(), 1) if line.startswith("- ")]
    try:
        records = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        mark = getattr(error, "context_mark", None) or getattr(error, "problem_mark", None)
        raise CorpusError(
            f"de YAML is stuk ({getattr(error, 'problem', error)}).", str(path), mark.line + 1 if mark else 1
        ) from error
    terms = tuple(_term(record, str(path), line) for record, line in zip(records, starts, strict=False))
    return terms, tuple(_passage(term, path.name) for term in terms)


def _term(record: object, name: str, line: int) -> Term:
    try:
        read = _Record.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise CorpusError(f"'{key}' klopt niet: {first['msg']}.", name, line) from error
    if not read.locators:
        raise CorpusError(f"bij '{read.term}' ontbreekt waar het begrip in de notitie staat (locators).", name, line)
    return Term(read.term, read.voluit, tuple(read.synoniemen), read.uitleg, tuple(read.locators), tuple(read.vragen))


def _passage(term: Term, path: str) -> Passage:
    body = build_body(split_blocks([term.explanation]))
    return Passage(
        id=term.passage_id,
        locator=term.locators[0],
        title=f"Begrip: {term.term}",
        heading=f"{term.term} ({term.expansion})" if term.expansion else term.term,
        text=body.text,
        statements=body.statements,
        questions=term.questions,
        source=Source.TERM,
        path=path,
    )
