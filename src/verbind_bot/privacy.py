"""Personal data in Dutch text -> masked text, before anything is logged, stored, searched or sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import phonenumbers
from stdnum import iban, luhn
from stdnum.nl import bsn

_EMAIL = re.compile(r"[\w.+%'-]+\s?@\s?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\w.,/-])\d(?:[ .-]?\d){7,8}(?![\w/-]|[.,]\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){2,8}\b", re.IGNORECASE)
_CARD = re.compile(r"\b(?:\d[ -]?){13,19}\b")
_POSTCODE = re.compile(r"\b[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b")
_POSTCODE_LOWER = re.compile(r"\b[1-9]\d{3}\s?(?!sa|sd|ss)[a-z]{2}\b(?=\s*(?:,|$|\d|te\s|in\s+[A-Z]|[A-Z]))")
_STREET = re.compile(
    r"\b(?:[A-ZÀ-Þ][\w'’-]*\s+){0,3}(?:[A-ZÀ-Þa-zà-þ][\w'’-]*)?"
    r"(?:straat|laan|weg|plein|singel|gracht|kade|dijk|hof|pad|steeg|dreef|plantsoen|markt|park|baan|ring|wal|burg)"
    r"\s+(?:nr\.?\s*|nummer\s*)?\d{1,4}(?:\s?[a-zA-Z]\b|-\d+|\s?(?:hs|bis|[IVX]+)\b)?",
)
_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    "jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec"
)
_DATE = (
    rf"(?:\d{{1,2}}\s*[-/.]\s*\d{{1,2}}\s*[-/.]\s*(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}|"
    rf"\d{{1,2}}\s+(?:{_MONTHS})\.?(?:\s+(?:\d{{4}}|'\d{{2}}))?)"
)
_BORN = re.compile(
    rf"(?:geboren|geb\.?|geboortedatum|jarig|verjaardag|verjaart|born|date of birth|dob)\W+(?:\w+\W+){{0,3}}?({_DATE})",
    re.IGNORECASE,
)
_FULL_DATE = re.compile(
    rf"\b(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19|20)\d{{2}}|(?:19|20)\d{{2}}-\d{{2}}-\d{{2}}|"
    rf"\d{{1,2}}\s+(?:{_MONTHS})\.?\s+(?:19|20)\d{{2}})\b",
    re.IGNORECASE,
)

_PERSON = (
    r"leerling(?:e|en|etje)?|pupil|student(?:e)?|zoon(?:tje)?|dochter(?:tje)?|kind(?:je|eren)?|jongen(?:s|tje)?|meisje|"
    r"broer(?:tje)?|zus(?:je)?|moeder|vader|mama|papa|ouders?|oma|opa|tante|oom|stiefvader|stiefmoeder|pleegouders?|"
    r"pleegmoeder|pleegvader|pleegkind|tweeling|cliënt(?:e)?|patiënt(?:e)?|neefje|nichtje|buurjongen|buurmeisje|"
    r"mevrouw|meneer|mevr\.?|dhr\.?|mw\.?|familie|gezin|juf|meester|klasgenoot|vriend(?:in|je)?|"
    r"son|daughter|child|boy|girl|mother|father|mom|mum|dad|parents?|brother|sister|mrs\.?|mr\.?|ms\.?"
)
_PARTICLE = r"(?:van\s+(?:de[rn]?|het|'t)|van|de|den|der|ten|ter|el|al|ben|bin|in\s+'t|'t|von|di|da|la|le|dos|abu)"
_PARTICLES = frozenset(["van", "der", "den", "het", "ten", "ter", "von", "abu", "ben", "bin", "dos", "naam"])
_CAPITAL = r"[A-ZÀ-ÞŞČŽŁ][a-zà-ÿşğıčžł]+(?:[-'’][A-ZÀ-Þa-zà-ÿ]+)*"
_NAME = rf"{_CAPITAL}(?:\s+(?:{_PARTICLE}\s+)?(?:{_CAPITAL}|[A-Z]\.))*"
_NAMED = (
    re.compile(
        rf"\b(?i:{_PERSON})\s*,?\s+(?:(?i:heet|genaamd|genoemd|met de naam|met naam|called|named|is|van|en|,)\s+)?"
        rf"(?P<name>(?:{_PARTICLE}\s+)?{_NAME})"
    ),
    re.compile(
        rf"\b(?i:heet|heten|genaamd|noemen we|ik ben|mijn naam is|naam:|naam is|my name is|is called|named)\s+"
        rf"(?P<name>{_NAME})"
    ),
    re.compile(
        rf"(?P<name>{_NAME})\s*(?:\(\s*\d{{1,2}}(?:\s*(?:jaar|jr\.?|j))?\s*\)|,?\s+\d{{1,2}}\s+jaar(?:\s+oud)?\b"
        rf"|,?\s+(?:uit|in|van|from)\s+(?:groep|klas|brugklas|de brugklas)\s*\w*"
        rf"|\s+(?:zit|zat)\s+in\s+(?:groep|klas|de brugklas))"
    ),
    re.compile(
        rf"\b(?i:ouders?|moeder|vader|gezin|thuissituatie|dossier|broertje|zusje|mother|father|parents)\s+(?i:van|of)\s+(?P<name>{_NAME})"
    ),
    re.compile(
        rf"\b(?i:zorgen\s+(?:maken\s+)?(?:over|om)|bezorgd\s+over|gesprek\s+(?:over|met)|aanmelding\s+van|gedrag\s+van|"
        rf"worried\s+about)\s+(?P<name>{_NAME})"
    ),
)
# A first and a last name count as a person's when other personal data stands in the same text.
_FULL_NAME = re.compile(rf"(?P<name>{_CAPITAL}\s+(?:{_PARTICLE}\s+)?{_CAPITAL})")
_FIRST_NAMES = "|".join(
    sorted(set(Path(__file__).with_name("privacy_first_names.txt").read_text(encoding="utf-8").split()))
)
# People also type names without capitals: then only a usual first name, or an initial, counts as one.
_LOWER = re.compile(
    rf"\b(?:{_PERSON})\s*,?\s+(?:(?:heet|genaamd|genoemd|met de naam|van|called|named)\s+)?"
    rf"(?P<name>(?:(?:{_FIRST_NAMES})\b|(?:[a-z]\.\s?)+)(?:\s*{_PARTICLE}\s+[a-zà-ÿ'’-]+|(?<=\.)\s*[a-zà-ÿ'’-]{{3,}})?)",
    re.IGNORECASE,
)
_NOT_NAMES = frozenset(Path(__file__).with_name("privacy_not_names.txt").read_text(encoding="utf-8").split())


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
        self._authors = {word for name in known_names for word in re.findall(r"[\w’'-]+", name)} - _NOT_NAMES

    def mask(self, text: str) -> Masked:
        """Replace all personal data in `text`, e.g. "[naam]"; overlapping finds become one."""
        found = [*_numbers(text), *_places_and_dates(text), *self._names(text)]
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
        for pattern in _NAMED:
            for match in pattern.finditer(text):
                span = self._real_name(text, *match.span("name"))
                if span:
                    yield Finding("naam", *span)
        for match in _LOWER.finditer(text):
            yield Finding("naam", *match.span("name"))

    def _full_names(self, text: str) -> Iterator[Finding]:
        for match in _FULL_NAME.finditer(text):
            words = re.findall(r"[\w’'-]+", match.group())
            if not any(word in _NOT_NAMES for word in words) and not self._authors.issuperset(words):
                yield Finding("naam", *match.span())

    def _real_name(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The part of a run of capitalised words that can be a person's name."""
        words = [(m.group(), start + m.start(), start + m.end()) for m in re.finditer(r"[\w’'-]+\.?", text[start:end])]
        kept = [row for row in words if row[0].rstrip(".") not in _NOT_NAMES]
        capital = [row for row in kept if row[0][0].isupper()]
        # A pupil may have an author's surname: only a name that is all an author's is left alone.
        if all(row[0].rstrip(".") in self._authors for row in capital):
            return None
        return min(row[1] for row in kept), max(row[2] for row in capital)

    def _mask_repeats(self, masked: str, text: str, findings: Iterable[Finding]) -> str:
        """Mask a name that was found once everywhere else in the text too."""
        for finding in findings:
            if finding.kind == "naam":
                for word in re.findall(r"[^\W\d_]{3,}", text[finding.start : finding.end]):
                    if word.lower() not in _PARTICLES:
                        masked = re.sub(rf"(?<!\[)\b{re.escape(word)}(?:s|'s|’s)?\b", "[naam]", masked)
        return masked


_CHECKED: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("e-mailadres", _EMAIL, lambda found: True),
    ("rekeningnummer", _IBAN, iban.is_valid),
    ("rekeningnummer", _CARD, luhn.is_valid),
    ("burgerservicenummer", _DIGITS, bsn.is_valid),
)


def _numbers(text: str) -> Iterator[Finding]:
    for kind, pattern, is_valid in _CHECKED:
        for match in pattern.finditer(text):
            compact = match.group() if kind == "e-mailadres" else re.sub(r"[ .-]", "", match.group())
            if is_valid(compact):
                yield Finding(kind, *match.span())
    for phone in phonenumbers.PhoneNumberMatcher(text, "NL", leniency=phonenumbers.Leniency.VALID):
        yield Finding("telefoonnummer", phone.start, phone.end)


def _places_and_dates(text: str) -> Iterator[Finding]:
    for pattern in (_POSTCODE, _POSTCODE_LOWER, _STREET):
        for match in pattern.finditer(text):
            yield Finding("adres", *match.span())
    for match in _BORN.finditer(text):
        yield Finding("geboortedatum", *match.span(1))
    for match in _FULL_DATE.finditer(text):
        yield Finding("datum", *match.span())


def _without_overlap(findings: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if kept and finding.start < kept[-1].end:
            if finding.end > kept[-1].end:
                kept[-1] = Finding(kept[-1].kind, kept[-1].start, finding.end)
            continue
        kept.append(finding)
    return kept
