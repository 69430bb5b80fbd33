"""Personal data in Dutch text -> masked text, before anything is logged, stored, searched or sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn
from stdnum.nl import bsn

from verbind_bot.privacy_patterns import (
    AGE_OR_CLASS,
    BORN,
    CARD,
    DIGITS,
    EMAIL,
    FULL_DATE,
    FULL_NAME,
    IBAN,
    IN_CLASS,
    LOWER,
    LOWER_KIN,
    NAMED,
    NO_SURNAMES,
    NOT_NAMES,
    PARTICLES,
    POSTCODE,
    POSTCODE_LOWER,
    STREET,
    TWO_WORDS,
    is_no_name,
    is_ordinary,
    is_usual,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of personal data: its kind in Dutch and where it stands (character offsets)."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text in which each piece of personal data has become its kind in square brackets."""

    text: str
    kinds: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether anything was masked."""
        return bool(self.kinds)


class PrivacyFilter:
    """Finds personal data: numbers that pass their check, addresses, dates of birth, names by their context.

    `known_names` are names that are no personal data here: the authors that the note cites.
    """

    def __init__(self, known_names: Iterable[str] = ()) -> None:
        self._authors = {word for name in known_names for word in re.findall(r"[\w’'-]+", name)} - NOT_NAMES

    def mask(self, text: str) -> Masked:
        """Replace all personal data in `text`, e.g. "[naam]"; overlapping finds become one."""
        found = [*_numbers(text), *_places_and_dates(text)] if re.search(r"[\d@]", text) else []
        found += [*self._names(text), *_lower_names(text)]
        if found:
            found += self._full_names(text)
        findings = _without_overlap(found)
        masked, last = [], 0
        for finding in findings:
            masked += [text[last : finding.start], f"[{finding.kind}]"]
            last = finding.end
        masked.append(text[last:])
        result = "".join(masked)
        return Masked(self._mask_repeats(result, text, findings), tuple(dict.fromkeys(f.kind for f in findings)))

    def _names(self, text: str) -> Iterator[Finding]:
        for pattern in NAMED:
            for match in pattern.finditer(text):
                span = self._real_name(text, *match.span("name"))
                if span:
                    yield Finding("naam", *span)
        for match in IN_CLASS.finditer(text):
            span = self._real_name(text, *match.span("name"))
            if span and (not _opens(text, span[0]) or is_usual(text[slice(*span)].split()[0])):
                yield Finding("naam", *span)

    def _full_names(self, text: str) -> Iterator[Finding]:
        for match in FULL_NAME.finditer(text):
            words = re.findall(r"[\w’'-]+", match.group())
            if not any(word in NOT_NAMES for word in words) and not self._authors.issuperset(words):
                yield Finding("naam", *match.span())

    def _real_name(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The part of a run of capitalised words that can be a person's name."""
        words = [(m.group(), start + m.start(), start + m.end()) for m in re.finditer(r"[\w’'-]+\.?", text[start:end])]
        kept: list[tuple[str, int, int]] = []
        for row in words:
            if _goes_on(text, kept, row[1]) or not is_no_name(row[0].rstrip(".")):
                kept.append(row)
        if len(kept) == 1 and _opens(text, start) and is_ordinary(kept[0][0]):
            return None
        capital = [row for row in kept if row[0][0].isupper()]
        # A pupil may have an author's surname: only a name that is all an author's is left alone.
        if all({row[0].rstrip("."), row[0].removesuffix("s")} & self._authors for row in capital):
            return None
        return min(row[1] for row in kept), max(row[2] for row in capital)

    def _mask_repeats(self, masked: str, text: str, findings: Iterable[Finding]) -> str:
        """Mask a name that was found once everywhere else in the text too."""
        for finding in findings:
            if finding.kind == "naam":
                for word in re.findall(r"[^\W\d_]{3,}", text[finding.start : finding.end]):
                    if word.lower() not in PARTICLES:
                        again = rf"(?<!\[)\b{re.escape(word)}(?:s|'s|’s)?\b"
                        masked = re.sub(again, "[naam]", masked, flags=re.IGNORECASE if is_usual(word.lower()) else 0)
        return masked


_CHECKED: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("e-mailadres", EMAIL, lambda found: True),
    ("rekeningnummer", CARD, luhn.is_valid),
    ("burgerservicenummer", DIGITS, bsn.is_valid),
)


def _numbers(text: str) -> Iterator[Finding]:
    for kind, pattern, is_valid in _CHECKED:
        for match in pattern.finditer(text):
            compact = match.group() if kind == "e-mailadres" else re.sub(r"[ .-]", "", match.group())
            if is_valid(compact):
                yield Finding(kind, *match.span())
    yield from _accounts(text)
    for phone in phonenumbers.PhoneNumberMatcher(text, "NL", leniency=phonenumbers.Leniency.VALID):
        yield Finding("telefoonnummer", phone.start, phone.end)


def _places_and_dates(text: str) -> Iterator[Finding]:
    for pattern in (POSTCODE, POSTCODE_LOWER, STREET):
        for match in pattern.finditer(text):
            yield Finding("adres", *match.span())
    for match in BORN.finditer(text):
        yield Finding("geboortedatum", *match.span(1))
    for match in FULL_DATE.finditer(text):
        yield Finding("datum", *match.span())


def _lower_names(text: str) -> Iterator[Finding]:
    for match in LOWER.finditer(text):
        yield Finding("naam", *match.span("name"))
    before = (TWO_WORDS.search(text, max(0, tail.start() - 26), tail.start()) for tail in AGE_OR_CLASS.finditer(text))
    spans = [*(match.span("name") for match in LOWER_KIN.finditer(text)), *(match.span() for match in before if match)]
    for begin, end in spans:
        words = [m for m in re.finditer(r"\w+", text[begin:end]) if m.group().lower() not in NO_SURNAMES]
        start = next((word.start() for word in words if is_usual(word.group())), None)
        if start is not None:
            yield Finding("naam", begin + start, begin + words[-1].end())


def _accounts(text: str) -> Iterator[Finding]:
    """IBANs; words of four letters or less behind one look like more of it, so it may end at each space."""
    for match in IBAN.finditer(text):
        ends = [part.end() for part in re.finditer(r"[a-z0-9]+", match.group(), re.IGNORECASE)]
        end = next((end for end in reversed(ends) if iban.is_valid(match.group()[:end])), None)
        if end:
            yield Finding("rekeningnummer", match.start(), match.start() + end)


def _opens(text: str, start: int) -> bool:
    """Whether a sentence begins here, so that a capital says nothing."""
    before = text[:start].rstrip(" \"'“‘")
    return not before or (
        before[-1] in ".?!:\n" and not re.search(r"\b(?:mr|mrs|ms|mevr|dhr|mw)\.$", before[-6:].lower())
    )


def _goes_on(text: str, kept: list[tuple[str, int, int]], start: int) -> bool:
    """Whether a first name stands right before: then any word can be the last one ("Kevin Meester")."""
    before = bool(kept) and kept[-1][0] not in ("en", "and") and any(row[0][0].isupper() for row in kept)
    return before and text[kept[-1][2] : start].isspace()


def _without_overlap(findings: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if kept and finding.start < kept[-1].end:
            if finding.end > kept[-1].end:
                kept[-1] = Finding(kept[-1].kind, kept[-1].start, finding.end)
            continue
        kept.append(finding)
    return kept
