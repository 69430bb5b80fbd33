"""The assistant and what a channel shows of it; light to import, so that a server answers before it has loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verbind_bot.answering.answerer import Answerer
    from verbind_bot.answering.attributing import Verify
    from verbind_bot.assistant import Assistant
    from verbind_bot.corpus.library import Corpus
    from verbind_bot.index.build import Index
    from verbind_bot.intakes import Intakes
    from verbind_bot.storage.deliveries import Deliveries


@dataclass(frozen=True)
class Parts:
    """Everything that `bootstrap` builds."""

    assistant: Assistant
    intakes: Intakes
    answerer: Answerer
    corpus: Corpus
    index: Index
    deliveries: Deliveries
    cookie_key: str
    verify: Verify

    def remove_old(self) -> None:
        """Delete what is older than it may be."""
        self.assistant.remove_old()
        self.deliveries.remove_old()
