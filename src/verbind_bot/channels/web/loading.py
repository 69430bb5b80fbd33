"""Loading the model and the index in the background of a server that answers already."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from verbind_bot.errors import NotReadyError, VerbindError

if TYPE_CHECKING:
    from verbind_bot.parts import Parts

log = logging.getLogger(__name__)
Build = Callable[[Callable[[int, int], None]], "Parts"]


class Loader:
    """Builds the assistant once, in a thread, and says how far it is."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._parts: Parts | None = None
        self._error: str | None = None
        self._progress = (0, 0)
        self._thread = threading.Thread(target=self._run, name="loading", daemon=True)

    def start(self) -> None:
        """Begin loading; once, however often the server starts."""
        if self._thread.ident is None:
            self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether questions can be answered."""
        return self._parts is not None

    @property
    def failed(self) -> str | None:
        """What went wrong, when loading failed."""
        return self._error

    @property
    def state(self) -> str:
        """How far it is, in Dutch."""
        done, total = self._progress
        if self._parts:
            return "klaar"
        if self._error:
            return self._error
        return f"De index wordt gemaakt: {done} van {total} teksten." if total else "Het model wordt geladen."

    def parts(self) -> Parts:
        """The loaded parts. Raises NotReadyError while loading, or when loading failed."""
        if self._parts is None:
            raise NotReadyError(f"De assistent is nog niet klaar. {self.state} Probeer het zo opnieuw.")
        return self._parts

    def _run(self) -> None:
        try:
            self._parts = self._build(self._note)
        except VerbindError as error:
            self._error = str(error)
            log.error("loading failed: %s", error)
        except Exception:
            self._error = "Het laden is mislukt. Kijk in het logboek van de server, of draai 'verbind-bot doctor'."
            log.exception("loading failed")

    def _note(self, done: int, total: int) -> None:
        self._progress = (done, total)
