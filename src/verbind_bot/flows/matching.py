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
    r"(?:dat )?(?:weet|weten) (?:ik|we|wij)(?: dat| het)?(?: \w+)? niet(?: zeker| precies)?|"
    r"(?:(?:ik|we|wij) )?(?:weet|weten) (?:(?:het|dat|dit) )?(?:(?:nog|echt|ook|helaas) )?niet(?: zeker| precies)?|"
    r"(?:(?:ik|we|wij) (?:heb|hebben) )?(?:(?:nog|echt|ook) )?geen (?:flauw )?idee|"
    r"(?:(?:dat|dit) is )?(?:nog )?(?:onbekend|niet bekend)|\?|geen antwoord"
)
_DENIES = re.compile(
    r"\b(?:niet|geen|nooit|zonder|behalve|maar|ontbreekt|ontbreken|mis|mist|missen|nauwelijks|amper|weinig)\b"
)
# What may stand around a wording without changing it; "deels", "nou" or "op papier" do change a "ja".
_FILLING = (
    "aan als bij dat de die dit een en er het hier hoor ik in inderdaad is jullie kies klopt met mijn om onze ons op "
    "precies te van voor want we werk werken wij ze zeker zijn zit zitten zo"
)
_AROUND = frozenset(_FILLING.split())
_FACTORS = {"k": 1_000, "duizend": 1_000, "mln": 1_000_000, "miljoen": 1_000_000}
_FACTOR = re.compile(rf"\s?({'|'.join(_FACTORS)})\b")
_BORDERS = re.compile(r"\b(?:minder|meer|hoger|lager) dan\b|\b(?:minstens|hooguit|hoogstens|maximaal|minimaal)\b")
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

    def match(self, step: Step, text: str, answers: Answers, hidden: frozenset[str] = frozenset()) -> Match:
        """The value that the text stands for. Raises InputError when it cannot be one."""
        plain = _fold(text)
        if _UNKNOWN.fullmatch(plain):
            return Match(None, True)
        if step.kind is Kind.TEXT:
            return Match(check(step, text, answers), True)
        if step.kind in (Kind.SCALE, Kind.NUMBER):
            return Match(check(step, _number(step, plain), answers), True)
        return self._choose(step, text, options(step, answers, hidden))

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
        inside = {option.id: left for option in possible if (left := _around(text, option)) is not None}
        if len(inside) == 1 and not denies and _AROUND.issuperset(*inside.values()):
            return [*inside], True
        query = self._embed([text])[0]
        scores = {option.id: float(np.max(self._wordings(option) @ query)) for option in possible}
        names = sorted(scores, key=lambda name: (name not in inside, -scores[name]))
        best, *rest = (scores[name] for name in names)
        # With a wording in it the rest says more, and what ("ja, deels") the cosine does not tell.
        return names, not denies and not inside and best >= _NEAR and (not rest or best - rest[0] >= _AHEAD)

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


def _around(text: str, option: Option) -> list[str] | None:
    """The words around the option's name and wordings, as whole words; None when the text has none of these."""
    left = whole = _spaced(text)
    for wording in sorted((option.id, option.label, *option.also), key=len, reverse=True):
        left = left.replace(_spaced(wording), "  ")
    return None if left == whole else left.split()


def _spaced(text: str) -> str:
    return " " + re.sub(r"[^\w-]+", " ", _fold(text)).strip() + " "


def _number(step: Step, plain: str) -> Any:
    found = _NUMBER.findall(plain)
    by_label = [point for point, name in step.labels.items() if _fold(name) == plain]
    if not found and by_label:
        return by_label[0]
    percent = "%" in plain or "procent" in plain
    loose = _DENIES.search(plain) or _BORDERS.search(plain) or (percent and step.unit != "%")
    if len(set(found)) != 1 or loose:
        raise InputError("Ik zie niet precies één getal in je antwoord. Typ alleen het getal, of 'weet ik nog niet'.")
    bare = found[0].replace(" ", "").replace(".", "" if _thousands(found[0]) else ".").replace(",", ".")
    return round(float(bare) * _factor(step, plain.partition(found[0])[2]), 6)


def _factor(step: Step, rest: str) -> float:
    """What "duizend" or "miljoen" behind the number makes of it; a step may count in thousands itself."""
    named = _FACTOR.match(rest)
    return _FACTORS[named[1]] / (1_000 if "1000" in step.unit else 1) if named else 1


def _thousands(number: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", number))


def _fold(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!\"'")
