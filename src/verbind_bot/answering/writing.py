"""Passages -> the sentences of an answer in a language model's own words, of which only verified ones are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from verbind_bot.answering.attributing import Verified, Verify
from verbind_bot.answering.drafting import Draft, DraftReader, DraftSentence, schema_of
from verbind_bot.answering.verifying import Reason
from verbind_bot.corpus.sentences import split_sentences
from verbind_bot.errors import LanguageModelError
from verbind_bot.llm.types import Completion, Message, Usage
from verbind_bot.prompts import Prompts
from verbind_bot.types import Dropped, Passage, Writing

MAX_SENTENCES = 6
MAX_WORDS = 90
_MARKUP = re.compile(r"\[\d{1,2}\]|[*_`#|\\]+|<[^>]{0,200}>")


class LanguageModel(Protocol):
    """Something that writes: `llm.endpoint.Endpoint`, or another that does the same."""

    model: str

    def stream(self, messages: Sequence[Message], schema: dict[str, object] | None) -> Completion:
        """The words as they come. Raises LanguageModelError."""
        ...


@dataclass
class Written:
    """What a model wrote: the sentences that are kept, and how it went."""

    model: str
    sentences: list[Verified] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    complete: bool = False
    cut: bool = False  # it wrote more sentences than an answer has
    repaired: bool = False
    fallback: str | None = None

    @property
    def writing(self) -> Writing:
        """The account of it that goes with the answer."""
        return Writing(
            self.model,
            self.usage.prompt_tokens,
            self.usage.completion_tokens,
            self.usage.cost,
            self.usage.first_token_ms,
            self.usage.total_ms,
            len(self.sentences),
            tuple(self.dropped),
            self.repaired,
            self.fallback,
        )


class Writer:
    """Has a language model write, and keeps what the verifier lets through."""

    def __init__(self, model: LanguageModel, prompts: Prompts, verify: Verify) -> None:
        self._model = model
        self._prompts = prompts
        self._verify = verify

    def write(
        self, question: str, passages: Sequence[Passage], show: Callable[[Verified], None] | None = None
    ) -> Written:
        """Write an answer to `question` from `passages`; `show` gets each verified sentence as soon as it is there.

        Never raises for the model's sake: `fallback` says what went wrong when too little is left.
        """
        written = Written(self._model.model)
        messages = self._messages(question, passages)
        try:
            reader = self._read(messages, passages, written, show)
            if reader.fault and not written.sentences and not written.dropped:
                written.repaired = True
                broken = [Message("assistant", reader.text[:4000]), self._repair(reader.fault)]
                reader = self._read([*messages, *broken], passages, written, show)
            if reader.fault and not written.sentences:
                written.fallback = "format"
        except LanguageModelError as error:
            written.complete = False
            written.fallback = error.reason if not written.sentences else None
        if not written.fallback and not _enough(written):
            written.fallback = "dropped" if written.dropped else "empty"
        return written

    def _read(
        self,
        messages: Sequence[Message],
        passages: Sequence[Passage],
        written: Written,
        show: Callable[[Verified], None] | None,
    ) -> DraftReader:
        reader = DraftReader()
        with self._model.stream(messages, schema_of(Draft)) as stream:
            try:
                for delta in stream:
                    for sentence in reader.feed(delta):
                        self._take(sentence, passages, written, show)
            finally:
                written.usage = written.usage + stream.usage
        written.complete = reader.finish() and not written.cut
        return reader

    def _take(
        self,
        sentence: DraftSentence,
        passages: Sequence[Passage],
        written: Written,
        show: Callable[[Verified], None] | None,
    ) -> None:
        """Verify each sentence of what the model gave as one, so that no second claim hides behind a first."""
        for text in _sentences(sentence.text):
            if len(written.sentences) >= MAX_SENTENCES:
                written.cut = True
                return
            verified = self._verify(sentence.model_copy(update={"text": text}), passages)
            if isinstance(verified, Reason):
                written.dropped.append(Dropped(text, verified.value))
            elif all(text != other.text for other in written.sentences):
                written.sentences.append(verified)
                if show:
                    show(verified)

    def _messages(self, question: str, passages: Sequence[Passage]) -> list[Message]:
        system = self._prompts.render("taalmodel_systeem.md.j2", zinnen=MAX_SENTENCES, woorden=MAX_WORDS)
        shown = [{"locator": p.locator, "kop": f"{p.title}: {p.heading}", "tekst": p.text} for p in passages]
        asked = self._prompts.render("taalmodel_vraag.md.j2", passages=shown, vraag=question)
        return [Message("system", system), Message("user", asked)]

    def _repair(self, fault: str) -> Message:
        return Message("user", self._prompts.render("taalmodel_herstel.md.j2", fout=fault))


def _enough(written: Written) -> bool:
    """Whether what is left is an answer: something, and at least as much as was dropped."""
    return bool(written.sentences) and len(written.sentences) >= len(written.dropped)


def _sentences(text: str) -> Iterator[str]:
    """The sentences of `text`, without the markup that would make something else of them on a page."""
    plain = " ".join(_MARKUP.sub(" ", text).split())
    for start, end in split_sentences(plain):
        yield plain[start:end]
