"""What personal data looks like in Dutch text, and what only looks like it."""

from __future__ import annotations

import re
from pathlib import Path

EMAIL = re.compile(r"[\w.+%'-]+\s?@\s?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
DIGITS = re.compile(r"(?:(?<![\w.,/-])|(?<=bsn)|(?<=bsn[:./_-]))\d(?:[ .-]?\d){7,8}(?![\w/-]|[.,]\d)", re.IGNORECASE)
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
    r"(?:straat|laan|weg|(?<!school)plein|singel|gracht|kade|dijk|hof|pad|steeg|dreef|plantsoen)"
    r"|[A-ZÀ-Þ][\w'’-]*(?:markt|park|baan|(?<!e)ring|wal|burg))"
    r"\s+(?:nr\.?\s*|nummer\s*)?(?!(?:19|20)\d\d\b)\d{1,4}(?!\d)(?:\s?[a-zA-Z]\b|-\d+|\s?(?:hs|bis|[IVX]+)\b)?"
    r"(?!\s*(?:%|uur|jaar|keer|procent|minuten|dagen|weken|maanden|mensen|kinderen|leerlingen|ouders|scholen|groepen|klassen|wijken)\b)",
)
_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    "january|february|march|may|june|july|august|october|"
    "jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|e)?"
_DATE = (
    rf"(?:\d{{1,2}}\s*[-/.]\s*\d{{1,2}}\s*[-/.]\s*(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{2}}-\d{{2}}|"
    rf"{_DAY}\s+(?:of\s+)?(?:{_MONTHS})\b\.?(?:\s+(?:\d{{4}}|'\d{{2}}))?|"
    rf"(?:{_MONTHS})\s+(?:\d{{4}}|{_DAY}(?:,?\s+\d{{4}})?)\b)"
)
BORN = re.compile(
    rf"(?:geboren|geb\.?|geboortedatum|jarig|verjaardag|verjaart|born|date of birth|dob)\W+(?:\w+\W+){{0,3}}?({_DATE})",
    re.IGNORECASE,
)
# Laws begin on the first of January or August: those dates are asked about.
FULL_DATE = re.compile(
    rf"\b(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19|20)\d{{2}}|(?:19|20)\d{{2}}-\d{{2}}-\d{{2}}|"
    rf"(?!1\s+(?:jan|aug)){_DAY}\s+(?:of\s+)?(?:{_MONTHS})\.?\s+(?:19|20)\d{{2}}|"
    rf"(?:{_MONTHS})\s+{_DAY},?\s+(?:19|20)\d{{2}})\b",
    re.IGNORECASE,
)

_START = r"\b(?=\w)"  # of a word, not its end: that halves the time of a long choice
_PERSON = (
    r"leerling(?:e|en|etje)?|pupils?|student(?:en?|s)?|zo(?:on(?:s|tjes?)?|nen)|dochter(?:tjes?|s)?|kind(?:je|eren)?|"
    r"jongen(?:s|tje)?|meisjes?|broer(?:tjes?|s)?|zus(?:jes?|sen)?|moeder|vader|mama|papa|ouders?|oma|opa|tante|oom|"
    r"stiefvader|stiefmoeder|stiefzoon|stiefdochter|pleegouders?|pleegmoeder|pleegvader|pleegkind|tweeling|kleuters?|"
    r"cliënt(?:e)?|patiënt(?:e)?|neefje|nichtje|buurjongen|buurmeisje|kleinzoon|kleindochter|"
    r"mevrouw|meneer|heer|mevr\.?|dhr\.?|mw\.?|familie|gezin|juf|meester|klasgenoot|vriend(?:in|je)?|"
    r"sons?|daughters?|child|boys?|girls?|mother|father|mom|mum|dad|parents?|brothers?|sisters?|mrs\.?|ms\.?|"
    r"(?-i:[Mm]r)\.?"  # "MR" is a school's council
)
_PARTICLE = r"(?:van\s+(?:de[rn]?|het|'t)|van|de|den|der|ten|ter|el|al|ben|bin|in\s+'t|'t|von|di|da|la|le|dos|abu)"
PARTICLES = frozenset(["van", "der", "den", "het", "ten", "ter", "von", "abu", "ben", "bin", "dos", "naam", "and"])
_CAPITAL = r"(?:[A-Z]['’]|Ma?c|D[ae]|L[ae])?[A-ZÀ-ÞŞČŽŁ][a-zà-ÿşğıčžł]+(?:[-'’][A-ZÀ-Þa-zà-ÿ]+)*"
_NAME = rf"{_CAPITAL}(?:\s+(?:{_PARTICLE}\s+)?(?:{_CAPITAL}|[A-Z]\.)){{0,5}}"
_LIST = rf"{_NAME}(?:(?:\s*,\s*{_NAME}){{0,9}}(?:\s+(?:en|and|&)\s+|\s*/\s*){_NAME})?"
# A name in capitals says something behind small letters only.
_CAPITALS = rf"[A-ZÀ-Þ]{{3,}}\s+(?i:{_PARTICLE}\s+)?[A-ZÀ-Þ]{{3,}}\b"
_KIN = r"moeder|vader|ouders|broer(?:tje)?|zus(?:je)?|juf|meester|mentor|mother|father|parents"
_FIELD = r"(?:leerling|kind|student|pupil|naam|moeder|vader|zoon|dochter)(?:\s*:\s*|\s+[–-]\s+)"
_HEADING = r"heet|heten|genaamd|noemen we|ik ben|mijn naam is|naam:|naam is|my name is|is called|named"
_CONCERN = (
    r"zorgen\s+(?:maken\s+)?(?:over|om)|bezorgd\s+over|gesprek\s+(?:over|met)|(?:aanmelding|gedrag)\s+van|"
    r"worried\s+about"
)
_AGE_OR_CLASS = (
    r"(?:\s*\(\s*\d{1,2}(?:\s*(?:jaar|jr\.?|j))?\s*\)|,?\s+\d{1,2}\s+jaar(?:\s+oud)?\b"
    r"|(?:,|\s*\()\s*(?:groep|gr\.?|klas)\s*\d"
    r"|,?\s+uit\s+(?:groep|klas|brugklas|de brugklas)\s*\w*|\s+(?:zit|zat)\s+in\s+(?:groep|klas|de brugklas))"
)
_IN_CLASS = r"(?:,?\s+(?:in|van|from)\s+(?:groep|klas|brugklas|de brugklas)\s*\w*)"
NAMED = (
    re.compile(
        rf"{_START}(?i:{_PERSON})\s*,?\s+[\"“‘'(]?"
        rf"(?:(?i:heet|genaamd|genoemd|met de naam|met naam|called|named|is|van|en|,)\s+)?"
        rf"[\"“‘']?(?P<name>(?:{_PARTICLE}\s+)?{_LIST}|(?<=[a-zà-ÿ] ){_CAPITALS})"
    ),
    re.compile(
        rf"\b(?i:{_FIELD})"
        rf"(?P<name>{_CAPITAL}\s+(?:{_PARTICLE}\s+)?{_CAPITAL}|{_CAPITAL}(?=\s*(?:$|[\n;(]))|(?<=[a-z]: ){_CAPITALS})"
    ),
    re.compile(rf"\b\d{{1,2}}-jarige\s+(?P<name>{_NAME})"),
    re.compile(rf"(?P<name>{_CAPITAL}(?<!['’]s))['’]s\s+(?:{_KIN})\b"),
    re.compile(
        r"\b(?!(?:Als|Alles|Anders|Eens|Ieders|Iemands|Is|Niemands|Soms|Sinds|Was|Wiens|Zoals)\b)"
        r"(?P<name>[A-ZÀ-Þ][a-zà-ÿ]+)s\s+(?:moeder|vader|broer(?:tje)?|zus(?:je)?)\b"
    ),
    re.compile(rf"(?<!project )(?<!programma )(?<!methode )(?<!aanpak )\b(?i:{_HEADING})\s+(?P<name>{_NAME})"),
    re.compile(rf"(?P<name>{_LIST}){_AGE_OR_CLASS}"),
    re.compile(
        rf"\b(?i:ouders?|moeder|vader|mentor|leerkracht|leraar|gezin|thuissituatie|dossier|broertje|zusje|"
        rf"mother|father|parents)\s+(?i:van|of)\s+(?P<name>{_LIST})"
    ),
    re.compile(rf"\b(?i:{_CONCERN})\s+(?P<name>{_LIST})"),
)
IN_CLASS = re.compile(rf"(?P<name>{_LIST}){_IN_CLASS}")  # of a person, or of what is done there ("Ruzie in groep 7")
# A first and a last name count as a person's when other personal data stands in the same text.
FULL_NAME = re.compile(rf"(?P<name>{_CAPITAL}\s+(?:{_PARTICLE}\s+)?{_CAPITAL})")
FIRST_NAMES = frozenset(Path(__file__).with_name("privacy_first_names.txt").read_text(encoding="utf-8").split())
WORDS_TOO = frozenset({"an", "ben", "elke", "max", "said"})  # names only with a capital
# No initials; nor are three small letters or more.
_ABBREVIATED = (
    r"(?:(?-i:(?:[a-z]\.){3})|(?:m\.n|o\.a|e\.d|e\.a|e\.g|i\.e|b\.v|a\.s|c\.q|d\.d|e\.v|i\.c|i\.o|m\.i|n\.l|o\.i|"
    r"p\.m|p\.p|q\.q|r\.k|t\.o|v\.a|w\.o|z\.g)\b)"
)
# What Dutch surnames end in and hardly any other word does.
_SURNAME = (
    r"(?!(?:tussen|mensen|lessen|klassen)\b)"
    r"(?:smit|schmidt|schouten|scholten|verhoeven|[a-zà-ÿ'’-]{2,}(?:sen|stra|sma|inga|oglu|mans|veld|dijk))"
)
# Behind a first name any word may be the last one, if it is no verb and none of these.
_NO_SURNAME = (
    r"en|of|die|dat|is|was|uit|in|op|van|voor|bij|naar|om|als|aan|door|over|zonder|tegen|tijdens|onder|nog|ook|al|wel|nu|"
    r"toch|vaak|soms|steeds|altijd|weer|erg|heel|zeer|meer|beter|goed|samen|thuis|alleen|helemaal|snel|vandaag|morgen|"
    r"gisteren|wil|kan|mag|zal|zou|ga|doe|help|hem|haar|zijn|hun|mij|ons|je|ik|hij|ze|zij|we|er|hier|daar|school|klas|"
    r"groep|jaar|extra|zit|zat|wordt|heeft|gaat|komt|doet|krijgt|pest|zo|dan|maar|toen|omdat|waar|hoe|"
    r"and|or|who|has|does|at|to|on|from|will|can|with|the"
)
NO_SURNAMES = frozenset(_NO_SURNAME.split("|"))
_FIRST = "|".join(sorted(FIRST_NAMES - WORDS_TOO))
_LAST = (
    rf"(?:\s+{_PARTICLE}\s+[a-zà-ÿ'’-]+|\s+{_SURNAME}\b|"
    rf"\s+(?!(?:{_NO_SURNAME}|{_PARTICLE})\b)[a-zà-ÿ'’-]{{3,}}(?<![td])(?<![td]e)(?<!en)(?<!ig)(?<!lijk)\b)"
)
_TOO = "|".join(sorted(WORDS_TOO))
_ONE = rf"(?:(?:{_FIRST}|(?-i:{_TOO.title()}))\b{_LAST}?|(?:{_TOO})\s+{_SURNAME}\b)"
# People also type names without capitals: then only a usual first name, or an initial and a name, counts as one.
LOWER = re.compile(
    rf"{_START}(?:{_PERSON}|\d{{1,2}}[ -]jarige|{_CONCERN}|{_HEADING}|naam)\s*[,:]?\s+[\"“‘'(]?"
    rf"(?:(?:heet|genaamd|genoemd|met de naam|is|van|called|named)\s+)?"
    rf"(?P<name>{_ONE}(?:(?:\s*,\s*|\s+(?:en|and)\s+){_ONE})*"
    rf"|(?!{_ABBREVIATED})[a-z]\.(?:\s?[a-z]\.)*\s*(?:{_PARTICLE}\s+)?(?!(?:{_NO_SURNAME})\b)[a-zà-ÿ'’-]{{3,}})",
    re.IGNORECASE,
)
# Of which a usual first name counts, and the word behind it.
LOWER_KIN = re.compile(rf"\b(?P<name>[^\W\d_]{{2,12}}?)['’]?s\s+(?:{_KIN})\b", re.IGNORECASE)
AGE_OR_CLASS = re.compile(
    rf"(?=[\s,(])(?:{_AGE_OR_CLASS}|{_IN_CLASS}|\s+(?:groep|gr\.?|klas)\s*\d|,\s*\d{{1,2}},)", re.IGNORECASE
)
TWO_WORDS = re.compile(r"\b(?:[^\W\d_]{2,12}\s+)?[^\W\d_]{2,12}$")
# "Somalische", "Turkse", unlike "Hendrikse"; "Zorgcoördinator", "Leerplichtambtenaar", "Jeugdgezondheidszorg".
NO_NAME = re.compile(
    r"[a-z](?:ische|(?<!dri)aanse|aarse|landse|tserse|(?:ur|ie|aa)kse|lijke?|zorg|plicht|ambtenaar|functionaris|coördinator|werker|begeleider|"
    r"leider|adviseur|pedagoog|kundige|training|onderwijs|teams?|school|scholen|ouders|leerlingen|kinderen)$"
)
NOT_NAMES = frozenset(Path(__file__).with_name("privacy_not_names.txt").read_text(encoding="utf-8").split())


def is_ordinary(word: str) -> bool:
    """Whether a word ends as verbs and nouns do ("Pesten in groep 7") and is no usual first name."""
    return bool(re.search(r"(?:en|ing|heid|tie|schap)$", word)) and word.lower() not in FIRST_NAMES


def is_usual(word: str) -> bool:
    """Whether a word is a usual first name, however it is written."""
    return word.lower() in FIRST_NAMES and word not in WORDS_TOO


def is_no_name(word: str) -> bool:
    """Whether a word with a capital, or in capitals, is known to be no person's name."""
    return word in NOT_NAMES or (word.isupper() and word.capitalize() in NOT_NAMES) or bool(NO_NAME.search(word))
