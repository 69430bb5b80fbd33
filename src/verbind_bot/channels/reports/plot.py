"""Where the scores of a shared scan lie, as numbers for a drawing and as an inline SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from verbind_bot.flows.report import Score, Scores

# Narrow enough for a phone: a label stands above its line.
_WIDTH, _EDGE, _TOP, _ROW, _LINE = 420, 16, 22, 52, 36


@dataclass(frozen=True, slots=True)
class Dot:
    """A value on a row: `share` is its place on the scale (0–1), `count` how many gave it."""

    share: float
    count: int


def dots(score: Score, scores: Scores) -> list[Dot]:
    """The values of one scale, each once."""
    return [Dot(place(v, scores), n) for v, n in sorted(Counter(score.values).items())]


def place(value: float, scores: Scores) -> float:
    """Where a value lies between the ends of the scale, from 0 to 1."""
    return (value - scores.minimum) / ((scores.maximum - scores.minimum) or 1)


def ticks(scores: Scores) -> range:
    """The whole numbers of the scale."""
    return range(int(scores.minimum), int(scores.maximum) + 1)


def svg(scores: Scores) -> str:
    """A dot for every value (larger when more people gave it) and a line at the mean, row by row."""
    height = _TOP + _ROW * len(scores.items)
    text = "; ".join(f"{s.label}: gemiddeld {s.mean:.1f}".replace(".", ",") for s in scores.items)
    head = f'<svg class="plot" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(text)}">'
    return head + "".join(_axis(scores)) + "".join(_rows(scores)) + "</svg>"


def _axis(scores: Scores) -> Iterator[str]:
    for tick in ticks(scores):
        yield f'<text class="tick" x="{_x(place(tick, scores))}" y="14" text-anchor="middle">{tick}</text>'


def _rows(scores: Scores) -> Iterator[str]:
    for number, score in enumerate(scores.items):
        y = _TOP + _ROW * number + _LINE
        mean = _x(place(score.mean, scores))
        yield f'<text class="label" x="0" y="{y - 16}">{escape(score.label)}</text>'
        yield f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{y}" y2="{y}"/>'
        for x in (_x(place(tick, scores)) for tick in ticks(scores)):
            yield f'<line class="grid" x1="{x}" x2="{x}" y1="{y - 6}" y2="{y + 6}"/>'
        yield f'<line class="mean" x1="{mean}" x2="{mean}" y1="{y - 12}" y2="{y + 12}"/>'
        for dot in dots(score, scores):
            yield f'<circle class="dot" cx="{_x(dot.share)}" cy="{y}" r="{5 + 2 * min(dot.count, 4)}"/>'


def _x(share: float) -> float:
    return round(_EDGE + share * (_WIDTH - 2 * _EDGE), 1)
