"""Whether a running server should take in something new: files of the corpus changed, or another process built."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from verbind_bot.channels.web.loading import Loader, Note
from verbind_bot.errors import CorpusError, IndexingError, StorageError
from verbind_bot.settings import Settings

if TYPE_CHECKING:
    from verbind_bot.index.holding import Hold
    from verbind_bot.parts import Parts

log = logging.getLogger(__name__)


class CorpusWatch:
    """Watches the corpus's files and the index's pointer, and builds what answers.

    A server (`holds`) takes the right to write the local index for as long as it runs; a second one reads.
    """

    def __init__(self, settings: Settings, holds: bool = True) -> None:
        self.every = settings.watch_seconds
        self._settings = settings
        self._holds = holds and settings.chroma_url is None
        self._hold: Hold | None = None
        self._mark = ""
        self._again = False
        self._follow = False
        self._problem: str | None = None

    def changed(self, parts: Parts | None) -> bool:
        """Whether to build again after `parts`. Raises UnavailableError when the index cannot be reached."""
        from verbind_bot.bootstrap import fingerprint

        edited = self._again or fingerprint(self._settings) != self._mark
        self._follow = False
        if parts is None:
            return edited
        pointer = parts.index.pointer()
        if pointer.pinned and parts.index.pinned and pointer.current == parts.index.release:
            return False  # a maintainer put this release back: it stays until the next `ingest`
        moved = (pointer.current, pointer.pinned) != (parts.index.release, parts.index.pinned)
        # Only the pointer moved: another process knows better. Freed by `ingest`, the corpus is taken in again.
        self._follow = moved and not edited and not (parts.index.pinned and not pointer.pinned)
        return moved or edited

    def build(self, note: Note, before: Parts | None) -> Parts:
        """The assistant over what there is now.

        A broken corpus at the start leaves an index that is there to answer. Raises VerbindError.
        """
        from verbind_bot.bootstrap import build, fingerprint

        self._take()
        follow, self._follow = self._follow, False
        self._mark, self._again = fingerprint(self._settings), False
        try:
            parts = self._followed(note, before) if follow else build(self._settings, note, before=before)
        except CorpusError as error:
            if before is not None:
                raise
            parts = self._as_it_was(note, error)
        except (IndexingError, StorageError):
            self._again = True
            raise
        else:
            self._problem = None
        return parts

    def problem(self) -> str | None:
        """What keeps the newest from being taken in, though there is something to answer from."""
        return self._problem

    def close(self) -> None:
        """Give the right to write back."""
        if self._hold:
            self._hold.release()
            self._hold = None

    def _take(self) -> None:
        if not self._holds or self._hold:
            return
        from verbind_bot.index.chroma import look_again
        from verbind_bot.index.holding import hold

        self._hold = hold(self._settings.index_dir)
        if self._hold:
            look_again()
        else:
            log.warning("another process has the right to write the index: this one reads")

    def _followed(self, note: Note, before: Parts | None) -> Parts:
        from verbind_bot.bootstrap import build

        try:
            return build(self._settings, note, before=before, as_it_is=True)
        except IndexingError:  # the snapshot is on another machine
            self._refuse_another_corpus(before)
            return build(self._settings, note, before=before)

    def _refuse_another_corpus(self, before: Parts | None) -> None:
        """Building ours would move the pointer, the other machine would do the same, and so on for ever."""
        from verbind_bot.bootstrap import read_corpus

        current = before.index.pointer().current if before else None
        if current and read_corpus(self._settings).hash != current.corpus:
            raise IndexingError(
                "Een andere machine heeft de index gemaakt van een ander corpus dan hier staat. Deze machine antwoordt "
                "uit wat zij had. Zorg dat het corpus en de opgenomen bronnen overal dezelfde zijn."
            )

    def _as_it_was(self, note: Note, fault: CorpusError) -> Parts:
        from verbind_bot.bootstrap import build

        try:
            parts = build(self._settings, note, as_it_is=True)
        except IndexingError:
            raise fault from None
        self._problem = str(fault)
        log.error("the corpus is broken, the index answers as it was: %s", fault)
        return parts


def watched(settings: Settings, holds: bool = True) -> Loader:
    """A loader over the settings that goes on watching."""
    return Loader(watch=CorpusWatch(settings, holds))
