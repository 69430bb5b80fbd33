"""The nouns that every part shares: frozen, without behaviour that needs another module."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What kind of answer this is; a refusal is an answer too."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    NOT_IN_CORPUS = "not_in_corpus"
    OUT_OF_SCOPE = "out_of_scope"
    CLARIFY = "clarify"
    PRIVACY = "privacy"


class Source(StrEnum):
    """Where a passage's text comes from."""

    NOTE = "notitie"
    REFERENCE = "referentie"
    TERM = "begrip"
    OWN = "bron"


class Edition(StrEnum):
    """Whether a passage is our own-words rendering or the text as its author wrote it."""

    REWORDED = "bewerking"
    ORIGINAL = "origineel"


WORK = "werk:"  # begins the id of a passage that is the text of a work the note cites


@dataclass(frozen=True, slots=True)
class Statement:
    """The smallest part of a passage that can be quoted: a sentence, or a list with its lead.

    `start` and `end` are character offsets in the passage's text, so that
    `passage.text[start:end]` is the exact quote. `items` is empty for a sentence. `page` is where it starts
    in a source that has pages.
    """

    start: int
    end: int
    lead: str
    items: tuple[str, ...] = ()
    numbered: bool = False
    references: tuple[str, ...] = ()
    page: int | None = None

    @property
    def text(self) -> str:
        """The lead and its items as running text."""
        return " ".join((self.lead, *self.items))


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of the corpus: one thing, with its place, its source and the questions that it answers.

    `title` is the section's title and `heading` the passage's own. `span` is the range of
    characters that the passage takes up in the file `path`. `page` is where it starts in a source that has
    pages.
    """

    id: str
    locator: str
    title: str
    heading: str
    text: str
    statements: tuple[Statement, ...]
    questions: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    source: Source = Source.NOTE
    edition: Edition = Edition.REWORDED
    path: str = ""
    span: tuple[int, int] = (0, 0)
    page: int | None = None

    @property
    def is_work(self) -> bool:
        """Whether this is the text of a work that the note cites, rather than what the note says of it."""
        return self.id.startswith(WORK)

    def quote(self, *statements: Statement) -> str:
        """The literal part of this passage that a statement, or several behind each other, stand for."""
        return self.text[statements[0].start : statements[-1].end]


@dataclass(frozen=True, slots=True)
class Reference:
    """A work that the note cites; `fields` holds only what the note gives of it."""

    key: str
    kind: str
    fields: tuple[tuple[str, str], ...]
    locators: tuple[str, ...]
    annotation: str

    @property
    def label(self) -> str:
        """Author and year as a reader would name the work."""
        values = dict(self.fields)
        name = values.get("author") or values.get("title") or self.key
        year = values.get("year")
        return f"{name} ({year})" if year else name


@dataclass(frozen=True, slots=True)
class Term:
    """A term or abbreviation of the field with the everyday words for it."""

    term: str
    expansion: str
    synonyms: tuple[str, ...]
    explanation: str
    locators: tuple[str, ...]
    questions: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every wording that stands for this term."""
        return tuple(name for name in (self.term, self.expansion, *self.synonyms) if name)

    @property
    def passage_id(self) -> str:
        """The id of the passage that explains this term."""
        return f"begrip:{'-'.join(''.join(c if c.isalnum() else ' ' for c in self.term.lower()).split())}"


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered pointer from a sentence of an answer to a passage, with the exact quote that supports it."""

    n: int
    locator: str
    title: str
    source: Source
    edition: Edition
    quote: str
    references: tuple[str, ...]
    passage_id: str
    page: int | None = None

    @property
    def is_work(self) -> bool:
        """Whether a work says this itself; otherwise the note, or another source, says it."""
        return self.passage_id.startswith(WORK)

    @property
    def relayed(self) -> bool:
        """Whether the note only reports it: a work that the note names says so."""
        return bool(self.references) and not self.is_work


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """One sentence or list item of an answer with the numbers of the citations that support it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found for a question, with its fused score."""

    passage_id: str
    locator: str
    score: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that a language model wrote and that is not shown, with why not."""

    sentence: str
    reason: str


@dataclass(frozen=True, slots=True)
class Writing:
    """How a language model wrote an answer: what it cost, what was kept, and what was dropped and why.

    `cost` is in euro, times are in milliseconds. `fallback` says why its words were not used at all.
    """

    model: str
    prompt_tokens: int
    completion_tokens: int
    cost: float
    first_token_ms: float
    total_ms: float
    kept: int
    dropped: tuple[Dropped, ...] = ()
    repaired: bool = False
    fallback: str | None = None


@dataclass(slots=True)
class Lookups:
    """How many of the vectors that were read by id were at hand (`hits`), and how many came from Chroma."""

    hits: int = 0
    misses: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says to one question: always data, whatever the status.

    `confidence` is how probable it is, between 0 and 1, that the sources answer the question; None where that was not
    weighed, as for a greeting.
    """

    id: str
    question: str
    status: Status
    text: str
    mode: str = "extractive"
    sentences: tuple[CitedSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    follow_ups: tuple[str, ...] = ()
    missing: str | None = None
    retrieved: tuple[Retrieved, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    conversation_id: str | None = None
    writing: Writing | None = None
    confidence: float | None = None


def new_answer_id() -> str:
    """An id for one answer."""
    return uuid.uuid4().hex
