"""An answer in one's own words -> a value of the step, and whether that is sure enough not to ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verbind_bot.errors import InputError
from verbind_bot.flows.conditions import Answers
from verbind_bot.flows.model import Kind, Option, Step, Value
from verbind_bot.flows.values import check, options

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
_NUMBER = re.compile(r"-?\d{1,3}(?:[. ]\d{3})+(?:,\d+)?|-?\d+(?:[.,]\d+)?")
_PARTS = re.compile(r"\s*(?:[,;/+&\n]|\ben\b|\bmaar ook\b)\s*")
_UNKNOWN = re.compile(
    r"(?:dat )?(?:weet|weten) (?:ik|we|wij)(?: dat)?(?: \w+)? niet(?: zeker)?|(?:ik |we )?(?:heb|hebben) geen idee|"
    r"geen idee|onbekend|nog niet bekend|weet niet|\?|geen antwoord"
)
_DENIES = re.compile(r"\b(?:niet|geen|nooit|zonder|behalve|maar)\b")
# Cosines of the shipped model lie close together, so what tells is the distance to the second best option. At these
# two, four of five answers in other words than the flow knows were right; nearer borders were right half of the time.
_NEAR, _AHEAD = 0.89, 0.04
_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Match:
    """What a free answer seems to say. When it is not `sure`, the user is asked what is meant.

    `nearest` are then the options to choose from, the most likely first.
    """

    value: Value | None
    sure: bool
    nearest: tuple[str, ...] = ()


class Matcher:
    """Maps free answers with the embedder; the wordings of a step are embedded once."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._known: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def match(self, step: Step, text: str, answers: Answers) -> Match:
        """The value that the text stands for. Raises InputError when it cannot be one."""
        plain = _fold(text)
        if _UNKNOWN.fullmatch(plain):
            return Match(None, True)
        if step.kind is Kind.TEXT:
            return Match(check(step, text, answers), True)
        if step.kind in (Kind.SCALE, Kind.NUMBER):
            return Match(check(step, _number(step, plain), answers), True)
        return self._choose(step, text, options(step, answers))

    def _choose(self, step: Step, text: str, possible: Sequence[Option]) -> Match:
        several = step.kind is Kind.MULTI
        named = _named(text, possible, several)
        if named:
            return Match(named if several else named[0], True)
        parts = [part for part in _PARTS.split(text) if part.strip()] if several else [text]
        found = [self._nearest(part, possible) for part in parts or [text]]
        sure = all(certain for _, certain in found)
        nearest = tuple(dict.fromkeys(name for names, _ in found for name in names[:_OFFERED]))
        if not several:
            return Match(nearest[0], sure, nearest)
        chosen = {names[0] for names, _ in found}
        return Match(tuple(option.id for option in possible if option.id in chosen), sure, nearest)

    def _nearest(self, text: str, possible: Sequence[Option]) -> tuple[list[str], bool]:
        """The options by nearness in meaning, and whether the first is near and well ahead of the next."""
        denies = bool(_DENIES.search(_fold(text)))  # "geen basisschool" is nearest to "basisschool"
        inside = [option.id for option in possible if _inside(text, option)]
        if len(inside) == 1 and not denies:
            return inside, True
        query = self._embed([text])[0]
        scores = {option.id: float(np.max(self._wordings(option) @ query)) for option in possible}
        names = sorted(scores, key=lambda name: -scores[name])
        best, *rest = (scores[name] for name in names)
        return names, not denies and best >= _NEAR and (not rest or best - rest[0] >= _AHEAD)

    def _wordings(self, option: Option) -> NDArray[np.float32]:
        texts = (option.label, *option.also)
        if texts not in self._known:
            self._known[texts] = self._embed(texts)
        return self._known[texts]


def _named(text: str, possible: Sequence[Option], several: bool) -> tuple[str, ...]:
    """The options that the text names by number, id, or one of their wordings; all of the text must be names."""
    for parts in ([text], _PARTS.split(text)) if several else ([text],):
        found = [_by_name(part, possible) for part in parts if part.strip()]
        if found and all(found):
            names = {name for name in found if name}
            return tuple(option.id for option in possible if option.id in names)
    return ()


def _by_name(text: str, possible: Sequence[Option]) -> str | None:
    plain = _fold(text)
    if plain.isdigit() and 1 <= int(plain) <= len(possible):
        return possible[int(plain) - 1].id
    for option in possible:
        if plain in {_fold(wording) for wording in (option.id, option.label, *option.also)}:
            return option.id
    return None


def _inside(text: str, option: Option) -> bool:
    """Whether the text has one of the option's wordings in it, as whole words."""
    return any(_spaced(wording) in _spaced(text) for wording in (option.label, *option.also))


def _spaced(text: str) -> str:
    return " " + re.sub(r"[^\w-]+", " ", _fold(text)).strip() + " "


def _number(step: Step, plain: str) -> Any:
    found = _NUMBER.findall(plain)
    if len(set(found)) == 1:
        return float(found[0].replace(" ", "").replace(".", "" if _thousands(found[0]) else ".").replace(",", "."))
    by_label = [point for point, name in step.labels.items() if _fold(name) == plain]
    if by_label:
        return by_label[0]
    raise InputError("Ik zie niet precies één getal in je antwoord. Typ alleen het getal, of 'weet ik nog niet'.")


def _thousands(number: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", number))


def _fold(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!\"'")
