"""What a question asks for, read from its words: language, kind of answer, parts, and what it leans on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from verbind_bot.answering.language import is_english
from verbind_bot.answering.wanted import Wanted, wanted_answer
from verbind_bot.index.dutch import content_terms, has_words, words
from verbind_bot.types import Term

_LEANING = re.compile(
    r"^(en|maar|ook|of|dus|noem (de|er|nog)|welke (nog|andere|dan)|wat nog|nog (meer|een)|"
    r"kun je (dat|daar|een|die|er|nog)|waarom( dan)?( niet)?\?*$|hoezo|hoe dan|wie dan|and)\b"
)
_POINTING = re.compile(
    r"\b(dat|die|dit|deze|daar|daarvan|daarvoor|daarmee|daarbij|daarover|daaraan|daarin|hiervan|hiervoor|ervan|ervoor|"
    r"ermee|erbij|erover|eraan|erin|zij|ze|hij|hen|hun|zoiets|zulke|hetzelfde|laatste|eerste|tweede|derde|vierde|vijfde|"
    r"andere|anderen|rest|it|that|this|those|they|them|he|she|others)\b"
)
_ASKING = (
    r"wie|wat|hoe|hoeveel|wanneer|welke?|in welk\w*|door wie|who|what|how|why|when|which|where|"
    r"waar(?:aan|achter|bij|door|heen|in|langs|mee|na|naar|om|onder|op|over|tegen|toe|tussen|uit|van|voor)?"
)
_ENDED = re.compile(r"\?+\s+(?=\S)")
_JOINED = re.compile(rf"(?:,\s*)?\b(?:en|and|maar)\s+(?=(?:{_ASKING})\b)")
_TELLING = re.compile(rf"(?:leg|vertel|geef|noem|explain|tell|give)\b(?!.*\b(?:{_ASKING})\b)")
_POLITE = re.compile(r"(?:kun|kan|mag|wil|weet|zou|can|could|may)\b")
_MOST_OWN_OF_POLITE = 2  # words that carry meaning in "Mag ik je iets vragen?"
_GIVING = re.compile(r"(?:geef|leg)\b")
_MOST_WORDS_OF_LEANING = 12
_MOST_PARTS = 3
_MOST_OWN_OF_TELLING = 3  # words that carry meaning in "Leg dat eens uit"; with more it asks something of its own


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as understood: what to search for, what would answer it, and its parts when it is double.

    `term` is the one whose meaning it asks, when it asks nothing else.
    """

    question: str
    standalone: str
    wanted: Wanted
    parts: tuple[Reading, ...]
    english: bool
    leans: bool
    term: Term | None = None


def read_question(question: str, history: Sequence[str] = ()) -> Reading:
    """Understand `question`; where it leans on the earlier questions, `standalone` has them before it."""
    context = ""
    for earlier in history:
        context = _complete(earlier, context)
    said = without_remark(question.lower() if _shouts(question) else question)
    leans = bool(context) and leans_on_history(said)
    parts = () if leans else split_parts(said)
    return Reading(question, _complete(said, context), wanted_answer(said), parts, is_english(said), leans)


def _shouts(question: str) -> bool:
    """Whether a whole question is in capitals, which the embedding model reads worse; OOGO alone is a name."""
    return question.isupper() and len(words(question)) > 2


_ASKS = re.compile(
    r"(?:(?:en|and) )?(?:wat|wie|waar|waarom|wanneer|hoe|welke?|hoeveel|waarvoor|waarmee|kun|kan|mag|moet|is|zijn|geef|"
    r"noem|leg|vertel|what|who|where|why|when|how|which)\b"
)


def leans_on_history(question: str) -> bool:
    """Whether a question cannot be understood without what was asked before it."""
    text = " ".join(question.lower().split())
    if len(words(text)) > _MOST_WORDS_OF_LEANING or not has_words(text):
        return False
    own = len(set(content_terms(text)))
    if _LEANING.match(text) or (_GIVING.match(text) and own <= _MOST_OWN_OF_TELLING):
        return True
    return own <= 1 or (bool(_POINTING.search(text)) and own <= 4)


def without_remark(question: str) -> str:
    """What is asked, without the "alvast bedankt" or the remark that stands behind it.

    "Kun je me helpen? Ik zoek tips voor ouders" says behind its question what it is about, and stays whole.
    """
    *ended, last = _ENDED.split(question)
    asked = "? ".join(ended) + "?"
    own = len(set(content_terms(asked)))
    only_polite = own <= _MOST_OWN_OF_POLITE and _POLITE.match(asked.lower())
    return question if not ended or asks(last) or not own or only_polite else asked


def split_parts(question: str) -> tuple[Reading, ...]:
    """The questions inside a double question; empty for a single one.

    Each starts with a capital. One that has little content of its own, or points back, is searched for with the first
    behind it. "Leg het eens uit" after a question is a way to ask it, no part.
    """
    pieces = [piece.strip(" ,.!?") for one in _ENDED.split(question) for piece in _JOINED.split(one)]
    pieces = [piece for n, piece in enumerate(pieces) if piece and not (n and _only_tells(piece.lower()))]
    if not 2 <= len(pieces) <= _MOST_PARTS or any(len(words(piece)) < 2 for piece in pieces):
        return ()
    asked = [f"{piece[0].upper()}{piece[1:]}?" for piece in pieces]  # as single questions are, and so read better
    return tuple(_part(ask, pieces[0] if n and _needs(pieces[n]) else "") for n, ask in enumerate(asked))


def _part(asked: str, context: str) -> Reading:
    standalone = f"{asked} ({context})" if context else asked
    return Reading(asked, standalone, wanted_answer(asked), (), is_english(asked), leans=False)


def _only_tells(text: str) -> bool:
    """Whether a text asks to tell or explain, and says hardly what."""
    return bool(_TELLING.match(text)) and len(set(content_terms(text))) <= _MOST_OWN_OF_TELLING


def _needs(piece: str) -> bool:
    return bool(_POINTING.search(piece.lower())) or len(set(content_terms(piece))) < 2


def _complete(question: str, context: str) -> str:
    return f"{context} {question}" if context and leans_on_history(question) else question


def asks(text: str) -> bool:
    """Whether a message looks like a question to an assistant rather than talk between people."""
    plain = text.strip().lower()
    return plain.endswith("?") or bool(_ASKS.match(plain))
