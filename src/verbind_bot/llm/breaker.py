"""A circuit breaker: an endpoint that keeps failing is left alone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Opens after `failures` in a row; after `seconds` it lets one probe through, which closes or re-opens it.

    Safe to use from several threads. Everyone who was let through reports exactly once: `succeed`, `fail` or `release`.
    """

    def __init__(self, failures: int = 5, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._opened: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """`half-open` as soon as a probe may go, and while one is under way."""
        with self._lock:
            return self._state()

    def enter(self) -> bool:
        """Whether a call may go now."""
        with self._lock:
            state = self._state()
            if state == "half-open" and not self._probing:
                self._probing = True
                return True
            return state == "closed"

    def succeed(self) -> None:
        """The endpoint answered."""
        with self._lock:
            self._failed, self._opened, self._probing = 0, None, False

    def fail(self) -> None:
        """The endpoint did not answer as it should."""
        with self._lock:
            self._failed += 1
            self._probing = False
            if self._failed >= self._limit:
                self._opened = self._clock()

    def release(self) -> None:
        """The call ended without saying anything about the endpoint."""
        with self._lock:
            self._probing = False

    def _state(self) -> State:
        if self._opened is None:
            return "closed"
        return "half-open" if self._clock() - self._opened >= self._seconds else "open"
