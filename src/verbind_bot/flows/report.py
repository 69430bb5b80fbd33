"""What a guided dialogue yields: one report model, which every format renders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from verbind_bot.types import Citation, CitedSentence


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or more, with its sources."""

    sentence: CitedSentence


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading inside a section; `level` 1 stands above 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Point:
    """An argument; `weight` 3 weighs heavily, 1 lightly."""

    sentence: CitedSentence
    weight: int


@dataclass(frozen=True, slots=True)
class Points:
    """Arguments, the heaviest first."""

    items: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The values that the participants gave to one scale."""

    label: str
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The average value."""
        return sum(self.values) / len(self.values)

    @property
    def spread(self) -> float:
        """The distance between the highest and the lowest value."""
        return max(self.values) - min(self.values)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scales from `minimum` to `maximum`, to be drawn with every value and the mean."""

    items: tuple[Score, ...]
    minimum: float
    maximum: float


Block = Paragraph | Subheading | Points | Table | Scores


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A part with its heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole, with every source that it cites."""

    title: str
    flow: str
    made_on: date
    finished: bool
    sections: tuple[ReportSection, ...]
    citations: tuple[Citation, ...]
