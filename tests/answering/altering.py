"""Statements of the corpus, each altered in one place so that it says something else: what a verifier must not miss."""

from __future__ import annotations

import re

from verbind_bot.answering.claims import names
from verbind_bot.answering.numerals import numbers
from verbind_bot.index.dutch import STOPWORDS, fold

_DIGITS = re.compile(r"\b\d+\b")
_NUMBER_WORDS = ["twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien"]
_FINITE = re.compile(
    r"\b(is|zijn|wordt|worden|kan|kunnen|moet|moeten|heeft|hebben|gaat|gaan|helpt|helpen|staat|staan|geeft|geven|"
    r"maakt|maken|komt|komen|krijgt|krijgen|mag|mogen|wil|willen|hoort|horen|werkt|werken)\b"
)
_STRONGER = [
    ("kan", "moet"),
    ("kunnen", "moeten"),
    ("mag", "moet"),
    ("kan", "zal"),
    ("kunnen", "zullen"),
    ("vaak", "altijd"),
    ("soms", "altijd"),
    ("meestal", "altijd"),
    ("sommige", "alle"),
    ("enkele", "alle"),
    ("veel", "alle"),
    ("meeste", "enige"),
    ("bijna", "helemaal"),
    ("vooral", "alleen"),
    ("ook", "alleen"),
    ("bijvoorbeeld", "uitsluitend"),
]
_TURNED = [
    ("meer", "minder"),
    ("beter", "slechter"),
    ("groot", "klein"),
    ("grote", "kleine"),
    ("lastig", "makkelijk"),
    ("moeilijk", "eenvoudig"),
    ("verschillende", "dezelfde"),
    ("gezamenlijke", "afzonderlijke"),
    ("voor", "tegen"),
    ("met", "zonder"),
    ("binnen", "buiten"),
    ("altijd", "nooit"),
    ("veel", "weinig"),
    ("belangrijk", "onbelangrijk"),
    ("nodig", "overbodig"),
    ("positieve", "negatieve"),
    ("formele", "informele"),
    ("versterkt", "verzwakt"),
    ("versterken", "verzwakken"),
    ("bevordert", "belemmert"),
    ("bevorderen", "belemmeren"),
    ("voorkomen", "veroorzaken"),
    ("vertrouwen", "wantrouwen"),
    ("verbinden", "scheiden"),
    ("landelijke", "lokale"),
    ("lokale", "landelijke"),
    ("toename", "afname"),
    ("wel", "niet"),
    ("nieuwe", "oude"),
    ("open", "gesloten"),
    ("direct", "indirect"),
    ("succes", "mislukking"),
    ("kansen", "risico's"),
    ("voordelen", "nadelen"),
    ("gelijkwaardige", "ongelijke"),
    ("verplicht", "vrijwillig"),
]
_ACTORS = [
    ("gemeente", "provincie"),
    ("gemeente", "school"),
    ("gemeenten", "scholen"),
    ("school", "gemeente"),
    ("scholen", "gemeenten"),
    ("ouders", "leerlingen"),
    ("leerlingen", "ouders"),
    ("kinderen", "leraren"),
    ("wijkteam", "schoolbestuur"),
    ("schoolbestuur", "wijkteam"),
    ("samenwerkingsverband", "ministerie"),
    ("rijk", "gemeente"),
    ("overheid", "markt"),
    ("onderwijs", "bedrijfsleven"),
    ("jeugdhulp", "politie"),
    ("burgers", "bedrijven"),
    ("partners", "concurrenten"),
    ("professionals", "vrijwilligers"),
    ("vrijwilligers", "professionals"),
    ("spelleider", "wethouder"),
    ("wethouder", "burgemeester"),
    ("buurt", "regio"),
    ("wijk", "provincie"),
]
_INVENTED = [
    "bovendien krijgt iedere leraar daar subsidie voor",
    "en dat bespaart gemeenten jaarlijks veel geld",
    "zoals de inspectie al eerder vaststelde",
    "wat het ziekteverzuim onder leraren verlaagt",
    "en de ouders betalen daarvoor een eigen bijdrage",
    "vooral wanneer de huisarts erbij betrokken is",
]


def numbers_changed(text):
    """Each number in turn, another: in digits and in words."""
    for match in _DIGITS.finditer(text):
        yield _put(text, match, str(int(match.group()) + 1))
    for n, word in enumerate(_NUMBER_WORDS):
        for match in re.finditer(rf"\b{word}\b", text):
            yield _put(text, match, _NUMBER_WORDS[n - 1])


def names_changed(text, others):
    """Each name in turn, one of another statement."""
    for name in dict.fromkeys(names(text)):
        other = next((o for o in others if fold(o) not in fold(text) and o != name), None)
        if other and numbers(name) == numbers(other):
            yield re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", other, text, count=1)


def denied(text):
    """The opposite by a word of denial: put in behind the first verb, or left out."""
    if match := _FINITE.search(text):
        yield _put(text, match, f"{match.group()} niet")
    for match in re.finditer(r"\bniet (?!alleen)|\bgeen\b ?", text):
        yield text[: match.start()] + ("een " if match.group().startswith("geen") else "") + text[match.end() :]


def turned(text):
    """Each word that has an opposite, its opposite."""
    yield from _replaced(text, _TURNED)


def actors_changed(text):
    """Each of those who act or are acted upon, another."""
    yield from _replaced(text, _ACTORS)


def strengthened(text):
    """Each word that holds a claim back, a word that does not."""
    yield from _replaced(text, _STRONGER)


def invented(text):
    """A clause behind it that comes from nowhere."""
    for clause in _INVENTED:
        yield f"{text.rstrip('.;:')}, {clause}."


def exchanged(text):
    """The first and the last word that carry meaning, in each other's place."""
    found = [m for m in re.finditer(r"[^\W\d_]{5,}", text) if fold(m.group()) not in STOPWORDS and m.group().islower()]
    if len(found) > 3 and found[0].group() != found[-1].group():
        first, last = found[0], found[-1]
        middle = text[first.end() : last.start()]
        yield text[: first.start()] + last.group() + middle + first.group() + text[last.end() :]


def _replaced(text, pairs):
    for old, new in pairs:
        for match in re.finditer(rf"\b{old}\b", text):
            yield _put(text, match, new)


def _put(text, match, new):
    return text[: match.start()] + new + text[match.end() :]
