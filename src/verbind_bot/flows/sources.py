"""From what a flow names as support to the passage and the exact quote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verbind_bot.errors import FlowError
from verbind_bot.flows.model import Claim, Support
from verbind_bot.types import Citation, CitedSentence, Passage, Statement


def find(support: Support, passages: Mapping[str, Passage]) -> tuple[Passage, Statement]:
    """The passage and the one statement in it that holds the words. Raises FlowError when there is none, or several."""
    passage = passages.get(support.passage)
    if passage is None:
        raise FlowError(f"de passage '{support.passage}' bestaat niet in het corpus")
    wanted = _plain(support.says)
    found = [s for s in passage.statements if wanted in _plain(passage.quote(s))]
    if len(found) != 1:
        many = "in geen enkele zin" if not found else f"in {len(found)} zinnen"
        raise FlowError(f"'{support.says}' staat {many} van passage '{support.passage}'; het moet er precies één zijn")
    return passage, found[0]


def nearest(support: Support, passages: Mapping[str, Passage]) -> tuple[Passage, Statement] | None:
    """Like `find`; when the passage went or was reworded, the statement of its section with most of the words."""
    try:
        return find(support, passages)
    except FlowError:
        locator = support.passage.partition(":")[0]
        same = [p for p in passages.values() if p.locator == locator]
    words = set(_plain(support.says).split())
    pairs = [(p, s) for p in same for s in p.statements]
    return max(pairs, key=lambda pair: len(words & set(_plain(pair[1].text).split())), default=None)


class Citations:
    """Numbers the sources of a text in the order in which they are first cited; a quote gets one number."""

    def __init__(self, passages: Mapping[str, Passage]) -> None:
        self._passages = passages
        self._numbers: dict[tuple[str, str], Citation] = {}

    def sentence(self, claim: Claim) -> CitedSentence:
        """The claim with the numbers of its sources."""
        return CitedSentence(claim.text, tuple(dict.fromkeys(self._number(claim.cite))))

    @property
    def all(self) -> tuple[Citation, ...]:
        """Every citation so far, by number."""
        return tuple(self._numbers.values())

    def _number(self, supports: Iterable[Support]) -> Iterable[int]:
        for support in supports:
            found = nearest(support, self._passages)
            if found is None:
                continue
            passage, statement = found
            quote = passage.quote(statement)
            key = (passage.id, quote)
            if key not in self._numbers:
                self._numbers[key] = Citation(
                    n=len(self._numbers) + 1,
                    locator=passage.locator,
                    title=passage.title,
                    source=passage.source,
                    edition=passage.edition,
                    quote=quote,
                    references=statement.references,
                    passage_id=passage.id,
                    page=statement.page if statement.page is not None else passage.page,
                )
            yield self._numbers[key].n


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
