"""Loading the model and the index in the background of a server that answers already, and again when they change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from verbind_bot.errors import NotReadyError, VerbindError

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

log = logging.getLogger(__name__)
Note = Callable[[int, int], None]
Build = Callable[[Note], "Parts"]
_HOUR = 3600.0
_BROKEN = "Het laden is mislukt. Kijk in het logboek van de server, of draai 'verbind-bot doctor'."


class Watch(Protocol):
    """Knows when there is something new to answer from, and builds it."""

    every: float

    def changed(self, parts: Parts | None) -> bool:
        """Whether to build again after `parts`. Raises VerbindError when the index cannot be reached."""
        ...

    def build(self, note: Note, before: Parts | None) -> Parts:
        """The assistant over what there is now. Raises VerbindError."""
        ...

    def problem(self) -> str | None:
        """What keeps the newest from being taken in, though there is something to answer from."""
        ...

    def close(self) -> None:
        """Give back what was taken."""
        ...


@dataclass(frozen=True)
class Stand:
    """How far a server is at one moment; whoever holds it keeps the same parts, also when others come after."""

    loaded: Parts | None = None
    failed: str | None = None
    problem: str | None = None
    away: str | None = None
    progress: tuple[int, int] = (0, 0)

    @property
    def ready(self) -> bool:
        """Whether questions can be answered."""
        return self.loaded is not None

    @property
    def state(self) -> str:
        """How far it is, in Dutch."""
        done, total = self.progress
        if self.loaded:
            trouble = self.away or self.problem
            return f"klaar, maar let op: {trouble}" if trouble else "klaar"
        if self.failed:
            return self.failed
        return f"De index wordt gemaakt: {done} van {total} teksten." if total else "Het model wordt geladen."

    def parts(self) -> Parts:
        """The loaded parts. Raises NotReadyError while loading, or when loading failed."""
        if self.loaded is None:
            raise NotReadyError(f"De assistent is nog niet klaar. {self.state} Probeer het zo opnieuw.")
        return self.loaded


class Loader:
    """Builds the assistant in a thread, says how far it is, and goes on watching when it was given a watch.

    For as long as it runs, what is older than it may be is deleted: at every build and then every `hour` (seconds).
    """

    def __init__(self, build: Build | None = None, watch: Watch | None = None, hour: float = _HOUR) -> None:
        self._build, self._watch, self._hour = build, watch, hour
        self._stand = Stand()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loading", daemon=True)
        self._keeping = threading.Thread(target=self._remove_old, name="retention", daemon=True)

    def start(self) -> None:
        """Begin loading; once, however often the server starts."""
        if self._thread.ident is None:
            self._thread.start()
            self._keeping.start()

    def load(self, note: Note) -> None:
        """Load here and now, before `start`. Raises VerbindError."""
        self._stand = Stand(self._built(note, None), problem=self._watch.problem() if self._watch else None)

    def stop(self) -> None:
        """Look no more, and give back what was taken."""
        self._stopped.set()
        if self._watch:
            self._watch.close()

    def now(self) -> Stand:
        """How far it is at this moment: for a request, from its begin to its end."""
        return self._stand

    @property
    def ready(self) -> bool:
        """Whether questions can be answered."""
        return self._stand.ready

    @property
    def failed(self) -> str | None:
        """What went wrong, when loading failed."""
        return self._stand.failed

    @property
    def state(self) -> str:
        """How far it is, in Dutch."""
        return self._stand.state

    def parts(self) -> Parts:
        """The parts at this moment. Raises NotReadyError while loading, or when loading failed."""
        return self._stand.parts()

    def _run(self) -> None:
        if not self._stand.ready:
            self._load_again(None)
        watch = self._watch
        while watch and watch.every and not self._stopped.wait(watch.every):
            self._look(watch)

    def _remove_old(self) -> None:
        while not self._stopped.wait(self._hour):
            try:
                if parts := self._stand.loaded:
                    parts.remove_old()
            except Exception:
                log.exception("what is too old could not be deleted")

    def _look(self, watch: Watch) -> None:
        parts = self._stand.loaded
        try:
            changed = watch.changed(parts)
        except VerbindError as error:
            if not self._stand.away:
                log.error("the index is away: %s", error)
            self._stand = replace(self._stand, away=str(error))
            return
        except Exception:
            log.exception("looking for changes failed")
            return
        if self._stand.away:
            log.warning("the index is back")
            self._stand = replace(self._stand, away=None)
        if changed:
            self._load_again(parts)

    def _load_again(self, before: Parts | None) -> None:
        try:
            parts = self._built(self._note, before)
        except VerbindError as error:
            log.error("loading failed: %s", error)
            self._keep(before, str(error))
        except Exception:
            log.exception("loading failed")
            self._keep(before, _BROKEN)
        else:
            self._stand = Stand(parts, problem=self._watch.problem() if self._watch else None)
            if before:
                log.warning("the index was switched")

    def _keep(self, before: Parts | None, fault: str) -> None:
        """Go on with what there was; without anything, say what is wrong."""
        self._stand = Stand(before, problem=fault) if before else Stand(failed=fault)

    def _built(self, note: Note, before: Parts | None) -> Parts:
        if self._watch:
            return self._watch.build(note, before)
        if self._build is None:
            raise NotReadyError("Er is niets om te laden.")
        return self._build(note)

    def _note(self, done: int, total: int) -> None:
        self._stand = replace(self._stand, progress=(done, total))
