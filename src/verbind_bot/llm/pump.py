"""Reads a response in a thread of its own, so that who waits for it can stop waiting at any moment."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import closing

from verbind_bot.llm.faults import WireError

CUT = b""  # stands for all that came after the limit


class Pump:
    """The chunks of a response. The thread closes it itself: soon after `abandon`, or at the first silence."""

    def __init__(self, open_response: Callable[[], Generator[bytes, None, None]], max_bytes: int) -> None:
        self._open = open_response
        self._max_bytes = max_bytes
        self._queue: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()
        self._abandoned = threading.Event()
        threading.Thread(target=self._run, name="llm", daemon=True).start()

    def get(self, seconds: float) -> bytes | None:
        """The next chunk, CUT when there is more than we take, or None at the end. Raises WireError."""
        try:
            item = self._queue.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise WireError("timeout") from None
        if isinstance(item, Exception):
            raise item
        return item

    def abandon(self) -> None:
        """Let go of the response."""
        self._abandoned.set()

    def _run(self) -> None:
        try:
            with closing(self._open()) as response:
                self._forward(response)
        except Exception as error:  # whatever it is, who waits must hear of it
            self._queue.put(error)

    def _forward(self, response: Iterable[bytes]) -> None:
        room = self._max_bytes
        for chunk in response:
            if self._abandoned.is_set():
                return
            room -= len(chunk)
            if room < 0:
                self._queue.put(CUT)
                return
            if chunk:
                self._queue.put(chunk)
        self._queue.put(None)
