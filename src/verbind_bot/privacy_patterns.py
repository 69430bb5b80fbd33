"""What personal data looks like in Dutch text, and what only looks like it."""

from __future__ import annotations

import re
from pathlib import Path

EMAIL = re.compile(r"[\w.+%'-]+\s?@\s?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
DIGITS = re.compile(r"(?:(?<![\w.,/-])|(?<=bsn)|(?<=bsn[:.-]))\d(?:[ .-]?\d){7,8}(?![\w/-]|[.,]\d)", re.IGNORECASE)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){2,8}\b", re.IGNORECASE)
CARD = re.compile(r"\b(?:\d[ -]?){13,19}\b")
POSTCODE = re.compile(r"\b[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b")
# A year before a short word ("tussen 2006 en 2012") looks like one.
POSTCODE_LOWER = re.compile(
    r"\b[1-9]\d{3}\s?(?!(?:sa|sd|ss|en|of|de|in|te|om|er|is|op|na|al|je|we|ze|ik|zo|nu|or|to|at|on)\b)[a-z]{2}\b"
    r"(?=\s*(?:,|$|\d|te\s|in\s+[A-Z]|[A-Z]))"
)
# Without a capital only what hardly any other word ends in: "uitvoering 3" and "arbeidsmarkt 2" are no addresses.
STREET = re.compile(
    r"\b(?:[A-ZÀ-Þ][\w'’-]*\s+){0,3}(?:(?:[A-ZÀ-Þa-zà-þ][\w'’-]*)?"
    r"(?:straat|laan|weg|plein|singel|gracht|kade|dijk|hof|pad|steeg|dreef|plantsoen)"
    r"|[A-ZÀ-Þ][\w'’-]*(?:markt|park|baan|(?<!e)ring|wal|burg))"
    r"\s+(?:nr\.?\s*|nummer\s*)?(?!(?:19|20)\d\d\b)\d{1,4}(?:\s?[a-zA-Z]\b|-\d+|\s?(?:hs|bis|[IVX]+)\b)?"
    r"(?!\s*(?:%|uur|jaar|keer|procent|minuten|dagen|weken|maanden|mensen|kinderen|leerlingen|scholen)\b)",
)
_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    "january|february|march|may|june|july|august|october|"
    "jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec"
)
_DATE = (
    rf"(?:\d{{1,2}}\s*[-/.]\s*\d{{1,2}}\s*[-/.]\s*(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}|"
    rf"\d{{1,2}}\s+(?:{_MONTHS})\b\.?(?:\s+(?:\d{{4}}|'\d{{2}}))?|(?:{_MONTHS})\s+\d{{1,2}}(?:,?\s+\d{{4}})?)"
)
BORN = re.compile(
    rf"(?:geboren|geb\.?|geboortedatum|jarig|verjaardag|verjaart|born|date of birth|dob)\W+(?:\w+\W+){{0,3}}?({_DATE})",
    re.IGNORECASE,
)
FULL_DATE = re.compile(
    rf"\b(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19|20)\d{{2}}|(?:19|20)\d{{2}}-\d{{2}}-\d{{2}}|"
    rf"\d{{1,2}}\s+(?:{_MONTHS})\.?\s+(?:19|20)\d{{2}}|(?:{_MONTHS})\s+\d{{1,2}},?\s+(?:19|20)\d{{2}})\b",
    re.IGNORECASE,
)

_PERSON = (
    r"leerling(?:e|en|etje)?|pupil|student(?:e)?|zo(?:on(?:tje)?|nen)|dochter(?:tje|s)?|kind(?:je|eren)?|jongen(?:s|tje)?|meisje|"
    r"broer(?:tje|s)?|zus(?:je|sen)?|moeder|vader|mama|papa|ouders?|oma|opa|tante|oom|stiefvader|stiefmoeder|pleegouders?|"
    r"pleegmoeder|pleegvader|pleegkind|tweeling|cliënt(?:e)?|patiënt(?:e)?|neefje|nichtje|buurjongen|buurmeisje|"
    r"mevrouw|meneer|mevr\.?|dhr\.?|mw\.?|familie|gezin|juf|meester|klasgenoot|vriend(?:in|je)?|"
    r"son|daughter|child|boy|girl|mother|father|mom|mum|dad|parents?|brother|sister|mrs\.?|mr\.?|ms\.?"
)
_PARTICLE = r"(?:van\s+(?:de[rn]?|het|'t)|van|de|den|der|ten|ter|el|al|ben|bin|in\s+'t|'t|von|di|da|la|le|dos|abu)"
PARTICLES = frozenset(["van", "der", "den", "het", "ten", "ter", "von", "abu", "ben", "bin", "dos", "naam"])
_CAPITAL = r"(?:[A-Z]['’]|Ma?c)?[A-ZÀ-ÞŞČŽŁ][a-zà-ÿşğıčžł]+(?:[-'’][A-ZÀ-Þa-zà-ÿ]+)*"
_NAME = rf"{_CAPITAL}(?:\s+(?:{_PARTICLE}\s+)?(?:{_CAPITAL}|[A-Z]\.))*"
_LIST = rf"{_NAME}(?:(?:\s*,\s*{_NAME})*\s+(?:en|and)\s+{_NAME})?"
_KIN = r"moeder|vader|ouders|broer(?:tje)?|zus(?:je)?|juf|meester|mentor|mother|father|parents"
NAMED = (
    re.compile(
        rf"\b(?i:{_PERSON})\s*,?\s+[\"“‘'(]?"
        rf"(?:(?i:heet|genaamd|genoemd|met de naam|met naam|called|named|is|van|en|,)\s+)?"
        rf"[\"“‘']?(?P<name>(?:{_PARTICLE}\s+)?{_LIST})"
    ),
    re.compile(rf"\b(?i:leerling|kind|student|pupil|naam)\s*:\s*(?P<name>{_CAPITAL}\s+(?:{_PARTICLE}\s+)?{_CAPITAL})"),
    re.compile(rf"\b\d{{1,2}}-jarige\s+(?P<name>{_NAME})"),
    re.compile(rf"(?P<name>{_CAPITAL}(?<!['’]s))['’]s\s+(?:{_KIN})\b"),
    re.compile(
        rf"\b(?i:heet|heten|genaamd|noemen we|ik ben|mijn naam is|naam:|naam is|my name is|is called|named)\s+"
        rf"(?P<name>{_NAME})"
    ),
    re.compile(
        rf"(?P<name>{_NAME})\s*(?:\(\s*\d{{1,2}}(?:\s*(?:jaar|jr\.?|j))?\s*\)|,?\s+\d{{1,2}}\s+jaar(?:\s+oud)?\b"
        rf"|(?:,|\s*\()\s*(?:groep|gr\.?|klas)\s*\d"
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
FULL_NAME = re.compile(rf"(?P<name>{_CAPITAL}\s+(?:{_PARTICLE}\s+)?{_CAPITAL})")
FIRST_NAMES = frozenset(Path(__file__).with_name("privacy_first_names.txt").read_text(encoding="utf-8").split())
_FIRST_NAMES = "|".join(sorted(FIRST_NAMES))
_ABBREVIATED = (
    r"(?:d\.m\.v|m\.b\.t|i\.p\.v|i\.v\.m|t\.b\.v|t\.o\.v|t\.a\.v|o\.b\.v|n\.a\.v|i\.c\.m|d\.w\.z|n\.v\.t|z\.s\.m|m\.n|o\.a|"
    r"e\.d|e\.a|e\.g|i\.e|b\.v|a\.s)\b"
)
# What Dutch surnames end in and hardly any other word does.
_SURNAME = r"(?!(?:tussen|mensen|lessen|klassen)\b)[a-zà-ÿ'’-]{2,}(?:sen|stra|sma|inga|oglu|mans|veld|dijk)"
# People also type names without capitals: then only a usual first name, or an initial, counts as one.
LOWER = re.compile(
    rf"\b(?:{_PERSON})\s*,?\s+(?:(?:heet|genaamd|genoemd|met de naam|van|called|named)\s+)?"
    rf"(?P<name>(?:(?:{_FIRST_NAMES})\b|(?!{_ABBREVIATED})(?:[a-z]\.\s?)+)"
    rf"(?:\s*{_PARTICLE}\s+[a-zà-ÿ'’-]+|(?<=\.)\s*[a-zà-ÿ'’-]{{3,}}|\s+{_SURNAME}\b)?)",
    re.IGNORECASE,
)
LOWER_KIN = re.compile(rf"\b(?P<name>[^\W\d_]{{2,12}}?)['’]?s\s+(?:{_KIN})\b", re.IGNORECASE)  # of a usual first name
WORDS_TOO = frozenset({"max", "ben", "said"})  # names only with a capital
ORIGIN = re.compile(r"[a-z](?:ische|aanse|ndse|erse|kse)$")  # "Somalische", "Turkse"
NOT_NAMES = frozenset(Path(__file__).with_name("privacy_not_names.txt").read_text(encoding="utf-8").split())
