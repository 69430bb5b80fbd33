"""Small inline SVG plots and Dutch numbers; widths are percentages, so text keeps its size on any screen."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

_LOW_IS_GOOD = frozenset({"leaks", "sentences_dropped", "fell_back", "tokens", "cost"})
_COUNTS = {"words": 1, "leaks": 2, "tokens": 0, "cost": 3}  # with the decimals that say something
_SCORES = frozenset({"ndcg@10", "rr"})
_CURVE = Markup(
    '<svg class="curve" role="img" aria-labelledby="{key}-t {key}-d" height="240" width="100%">'
    '<title id="{key}-t">{title}</title><desc id="{key}-d">{text}</desc>{grid}'
    '<svg x="15%" y="12" width="80%" height="180" viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible">'
    '<polyline class="line" vector-effect="non-scaling-stroke" points="{points}"/></svg>{dots}{names}</svg>'
)


def number(value: float, digits: int = 1) -> str:
    """A number with a decimal comma and a real minus sign."""
    return f"{value:.{digits}f}".replace(".", ",").replace("-", "−")


def shown(measure: str, value: float | None, signed: bool = False) -> str:
    """A figure as its reader expects it: a share as a percentage, a score or a count as a number."""
    if value is None:
        return "–"
    plus = "+" if signed and value > 0 else ""
    if measure in _COUNTS:
        return plus + number(value, _COUNTS[measure])
    if measure in _SCORES:
        return plus + number(value, 3)
    return f"{plus}{number(100 * value)}" + ("" if signed else "%")


def milliseconds(value: float | None) -> str:
    """A duration in milliseconds, with a decimal only when it is short."""
    return "–" if value is None else f"{number(value, 1 if value < 10 else 0)} ms"


def is_share(measure: str) -> bool:
    """Whether a measure lies between 0 and 1 with 1 as the best, so that it can be drawn on one scale."""
    return measure not in _COUNTS


def better(measure: str, difference: float) -> bool | None:
    """Whether a difference is an improvement; None when there is none or when neither way is better."""
    if not difference or measure == "words":
        return None
    return (difference < 0) == (measure in _LOW_IS_GOOD)


def interval(title: str, mean: float, low: float | None, high: float | None, before: float | None = None) -> Markup:
    """A dot at the mean on a scale from 0 to 1, a line over its interval and a tick where the baseline was."""
    parts = [_rule("scale", x) for x in (0, 0.5, 1)]
    if low is not None and high is not None:
        parts.append(Markup('<line class="line" x1="{}" x2="{}" y1="11" y2="11"/>').format(_place(low), _place(high)))
    if before is not None:
        parts.append(_rule("before", before))
    parts.append(Markup('<circle class="dot" cx="{}" cy="11" r="5"/>').format(_place(mean)))
    return _track(title, parts)


def bar(title: str, value: float, mark: float | None = None) -> Markup:
    """A bar from 0 to a value between 0 and 1, with a tick at `mark`."""
    width = _percent(96 * _clip(value))
    parts = [
        Markup('<rect class="trough" x="2%" y="6" width="96%" height="10"/>'),
        Markup('<rect class="bar" x="2%" y="6" width="{}" height="10"/>').format(width),
    ]
    if mark is not None:
        parts.append(_rule("mark", mark))
    return _track(title, parts)


def curve(key: str, title: str, points: Sequence[Sequence[float]]) -> Markup:
    """The risk at each coverage, as a line on axes that run from 0 to 100% and from 0 to a round top."""
    ordered = sorted((_clip(x), max(0.0, y)) for x, y in points)
    top = next((t for t in (0.1, 0.25, 0.5) if all(y <= t for _, y in ordered)), 1.0)
    line = " ".join(f"{100 * x:.2f},{100 - 100 * min(1.0, y / top):.2f}" for x, y in ordered)
    return _CURVE.format(
        key=key,
        title=title,
        text=_in_words(ordered),
        grid=Markup("").join(_grid(top)),
        points=line,
        dots=Markup("").join(_dots(ordered, top)),
        names=Markup(
            '<text x="55%" y="232" text-anchor="middle">deel van de vragen met een antwoord</text>'
            '<text class="strong" x="16%" y="28">deel fout</text>'
        ),
    )


def _in_words(points: Sequence[tuple[float, float]]) -> str:
    if not points:
        return "Geen punten."
    kept = points[:: max(1, len(points) // 5)]
    if kept[-1] != points[-1]:
        kept = [*kept, points[-1]]
    return "; ".join(f"bij {shown('', x)} beantwoord is {shown('', y)} fout" for x, y in kept) + "."


def _grid(top: float) -> list[Markup]:
    rows = [
        Markup(
            '<line class="scale" x1="15%" x2="95%" y1="{y}" y2="{y}"/>'
            '<text x="13%" y="{t}" text-anchor="end">{v}</text>'
        ).format(y=192 - 180 * part, t=197 - 180 * part, v=f"{number(100 * top * part, 0 if top != 0.25 else 1)}%")
        for part in (0, 0.5, 1)
    ]
    ticks = [
        Markup('<text x="{}" y="212" text-anchor="middle">{}%</text>').format(_percent(15 + 80 * x), int(100 * x))
        for x in (0, 0.5, 1)
    ]
    return rows + ticks


def _dots(points: Sequence[tuple[float, float]], top: float) -> list[Markup]:
    if len(points) > 30:
        return []
    return [
        Markup('<circle class="dot" cx="{}" cy="{}" r="3"><title>{}</title></circle>').format(
            _percent(15 + 80 * x), f"{192 - 180 * min(1.0, y / top):.1f}", _in_words([(x, y)])
        )
        for x, y in points
    ]


def _track(title: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="track" role="img" height="22" width="100%"><title>{}</title>{}</svg>').format(
        title, Markup("").join(parts)
    )


def _rule(style: str, x: float) -> Markup:
    return Markup('<line class="{}" x1="{}" x2="{}" y1="2" y2="20"/>').format(style, _place(x), _place(x))


def _place(x: float) -> str:
    return _percent(2 + 96 * _clip(x))


def _clip(x: float) -> float:
    return min(1.0, max(0.0, x))


def _percent(x: float) -> str:
    return f"{x:.2f}%"
