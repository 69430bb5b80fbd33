"""The labelled questions in `evals/`: BEIR's queries and qrels, and nuggets, checked line by line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from verbind_bot.errors import CorpusError
from verbind_bot.types import Status

KINDS = Literal[
    "plain",
    "two-part",
    "follow-up",
    "digression",
    "english",
    "misspelt",
    "keyword",
    "unanswerable",
    "off-topic",
    "privacy",
    "greeting",
]
T = TypeVar("T", bound=BaseModel)
SPLITS = ("train", "dev", "test")


class QueryMetadata(BaseModel):
    """What is known about a question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    split: Literal["train", "dev", "test"]
    kind: KINDS
    persona: str
    status: tuple[Status, ...] = Field(min_length=1)
    history: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()


class Query(BaseModel):
    """A line of `queries.jsonl`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str = Field(alias="_id")
    text: str = Field(min_length=1)
    metadata: QueryMetadata


class Nugget(BaseModel):
    """One atomic fact; `accept` holds alternatives, each a list of fragments that must all occur."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    importance: Literal["vital", "okay"]
    accept: tuple[tuple[str, ...], ...] = Field(min_length=1)


class NuggetList(BaseModel):
    """A line of `nuggets.jsonl`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    qid: str
    query: str
    nuggets: tuple[Nugget, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with all that is expected of its answer."""

    query: Query
    relevant: Mapping[str, int]  # locators (all passages of a section) and passage ids -> grade
    nuggets: tuple[Nugget, ...]

    @property
    def answerable(self) -> bool:
        """Whether the sources hold an answer."""
        return bool(self.relevant)

    @property
    def locators(self) -> dict[str, int]:
        """The sections that are relevant as a whole."""
        return {key: grade for key, grade in self.relevant.items() if ":" not in key}

    @property
    def passages(self) -> dict[str, int]:
        """The passages that are relevant by themselves."""
        return {key: grade for key, grade in self.relevant.items() if ":" in key}


def load_cases(folder: Path, split: str) -> list[Case]:
    """The cases of one split, in the order of the file.

    Raises CorpusError with file and line for a record that is broken, double, or names a question
    that is not there.
    """
    queries = {query.id: query for query in read_records(folder / "queries.jsonl", Query)}
    nuggets = {row.qid: row.nuggets for row in read_records(folder / "nuggets.jsonl", NuggetList)}
    qrels = _read_qrels(folder / "qrels" / f"{split}.tsv", queries)
    for qid in nuggets.keys() - queries.keys():
        raise CorpusError(f"vraag '{qid}' staat niet in queries.jsonl.", str(folder / "nuggets.jsonl"))
    return [
        Case(query, qrels.get(query.id, {}), nuggets.get(query.id, ()))
        for query in queries.values()
        if query.metadata.split == split
    ]


def read_records(path: Path, model: type[T]) -> Iterator[T]:
    """The lines of a file, each as a `model`. Raises CorpusError with the line that is broken or double."""
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            record = model.model_validate(data)
        except (json.JSONDecodeError, ValidationError) as error:
            raise CorpusError(f"deze regel klopt niet: {error}", str(path), number) from error
        key = str(data.get("_id") or data.get("qid") or line)
        if key in seen:
            raise CorpusError(f"'{key}' komt twee keer voor.", str(path), number)
        seen.add(key)
        yield record


def _read_qrels(path: Path, queries: Mapping[str, Query]) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
            if number == 1:
                if row != ["query-id", "corpus-id", "score"]:
                    raise CorpusError("de kop moet 'query-id corpus-id score' zijn (met tabs).", str(path), 1)
                continue
            if len(row) != 3 or row[0] not in queries or not row[2].isdigit():
                raise CorpusError(
                    "hier horen een bekende vraag, een locator of passage en een getal", str(path), number
                )
            qrels.setdefault(row[0], {})[row[1]] = int(row[2])
    return qrels
