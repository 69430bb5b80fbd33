"""The one door: a message goes in, an answer comes out, whatever the channel."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from verbind_bot.answering.answerer import Answerer
from verbind_bot.answering.fluent import Show
from verbind_bot.errors import QuestionError
from verbind_bot.index.dutch import content_terms, words
from verbind_bot.privacy import Masked, PrivacyFilter
from verbind_bot.prompts import Prompts
from verbind_bot.retrieval import Match
from verbind_bot.storage.answers import AnswerStore, Feedback
from verbind_bot.storage.conversations import Conversations
from verbind_bot.types import Answer, Status, new_answer_id

_MASK = re.compile(r"\[[\w-]+\]")
# A mask with the word that announces it ("BSN [burgerservicenummer],") says nothing without what was masked.
_LABELLED = re.compile(
    r"\(?(?:\b(?:bsn|tel\.?|telefoon(?:nummer)?|mobiel|e-?mail(?:adres)?|mail|adres|geboren(?: op)?|geb\.?|iban|"
    r"rekening(?:nummer)?|nummer)\s*:?\s*)?\[[\w-]+\]\)?,?",
    re.IGNORECASE,
)
_MIN_REST = 2


class Assistant:
    """Answers messages. Personal data is masked before anything else sees the message."""

    def __init__(
        self,
        answerer: Answerer,
        privacy: PrivacyFilter,
        prompts: Prompts,
        conversations: Conversations,
        archive: AnswerStore,
        max_chars: int,
        history_turns: int,
    ) -> None:
        self._answerer = answerer
        self._privacy = privacy
        self._prompts = prompts
        self._conversations = conversations
        self.archive = archive
        self._max_chars = max_chars
        self._turns = history_turns

    def ask(
        self,
        question: str,
        history: Sequence[str] | None = None,
        conversation_id: str | None = None,
        show: Show | None = None,
    ) -> Answer:
        """Answer a question.

        `history` holds the earlier questions of the user, oldest first, of which the last `history_turns` count.
        Without it they are kept in and read from the store, under `conversation_id` or a new one. `show` gets the
        sentences that a language model writes as they come, each verified. Raises QuestionError for a question that
        is empty or too long.
        """
        text = self.clean(question)
        stored = history is None
        if stored:
            conversation_id = self._conversations.known(conversation_id)
            history = self._conversations.questions(conversation_id, self._turns)
        recent = list(history or ())[-self._turns :] if self._turns else []
        earlier = [self._privacy.mask(self._tidy(turn)[: self._max_chars]).text for turn in recent]
        masked = self._privacy.mask(text)
        keeps = stored and not masked.found
        if keeps and conversation_id:
            # Before the answer, which may take long: a conversation that is wiped meanwhile must not come back.
            self._conversations.begin(conversation_id)
        answer = self._answer_masked(masked, earlier) if masked.found else self._answerer.answer(text, earlier, show)
        if stored and conversation_id:
            answer = replace(answer, conversation_id=conversation_id)
            if keeps and self._conversations.add(conversation_id, text):
                self.archive.add(answer, conversation_id)
        return answer

    def search(self, text: str, limit: int) -> tuple[Match, ...]:
        """The passages nearest to what `text` says besides personal data, best first. Raises QuestionError."""
        masked = self._privacy.mask(self.clean(text))
        asked = _without_masks(masked.text) if masked.found else masked.text
        return self._answerer.search(asked, limit) if asked else ()

    def forget(self, conversation_id: str, question: str) -> None:
        """Delete what is kept of a question that its asker took back."""
        self.archive.drop(conversation_id, self._privacy.mask(self._tidy(question)).text)

    def remove_old(self) -> int:
        """Delete questions and answers that are older than the days they are kept; returns how many answers went."""
        self._conversations.remove_old()
        return self.archive.remove_old()

    def judge(self, answer_id: str, verdict: str, remark: str, channel: str) -> bool:
        """Keep what a user thought of an answer, the remark masked; False when the answer is not known (any more)."""
        if self.archive.get(answer_id) is None:
            return False
        masked = self._privacy.mask(self._tidy(remark)[: self._max_chars]).text
        self.archive.judge(Feedback(answer_id, verdict, masked, channel, datetime.now(UTC)))
        return True

    def clean(self, question: str) -> str:
        """The question without control characters and double spaces. Raises QuestionError when nothing is left."""
        text = self._tidy(question)
        if not text:
            raise QuestionError("Je vraag is leeg. Typ je vraag en verstuur hem opnieuw.")
        if len(text) > self._max_chars:
            raise QuestionError(
                f"Je vraag is te lang: {len(text)} tekens, en er passen er {self._max_chars}. "
                "Maak je vraag korter, of stel hem in delen."
            )
        return text

    def _answer_masked(self, masked: Masked, history: Sequence[str]) -> Answer:
        """Say what was masked, and answer what is left of the question when that still asks something."""
        rest = self._answerer.answer(_without_masks(masked.text), history) if _asks_something(masked.text) else None
        answered = rest if rest and rest.status in (Status.ANSWERED, Status.PARTIAL) and rest.citations else None
        text = self._prompts.render(
            "privacy.md.j2",
            soorten=", ".join(masked.kinds),
            vraag=masked.text,
            antwoord=answered.text if answered else None,
        )
        base = answered or Answer("", "", Status.PRIVACY, "", retrieved=rest.retrieved if rest else ())
        return replace(
            base,
            id=rest.id if rest else new_answer_id(),
            question=masked.text,
            status=Status.PRIVACY,
            text=text,
        )

    @staticmethod
    def _tidy(question: str) -> str:
        plain = unicodedata.normalize("NFC", question)
        kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in plain)
        visible = "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn"))
        return " ".join(visible.split())


def _without_masks(text: str) -> str:
    """What a masked message still asks: its sentences without masks, or else the words around the masks."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])", text)
    clean = [sentence for sentence in sentences if not _MASK.search(sentence)]
    if any(sentence.endswith("?") for sentence in clean):
        return " ".join(clean)
    return " ".join(_LABELLED.sub(" ", text).split())


def _asks_something(text: str) -> bool:
    """Whether enough is left: a whole question with one word that carries meaning, or a few of such words."""
    rest = _without_masks(text)
    enough = 1 if rest.endswith("?") else _MIN_REST
    return len(set(content_terms(rest))) >= enough and len(words(rest)) > _MIN_REST
