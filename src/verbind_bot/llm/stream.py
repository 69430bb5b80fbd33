"""One completion as it comes in: its time limits, its second tries, and what it took."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from verbind_bot.errors import LanguageModelError
from verbind_bot.llm.breaker import Breaker
from verbind_bot.llm.events import Piece, pieces
from verbind_bot.llm.faults import WireError, language_model_error
from verbind_bot.llm.pump import CUT, Pump
from verbind_bot.llm.types import Prices, Usage

_BACKOFF_CAP = 8.0
_FAREWELL = 1.0  # seconds that the count of tokens may take after the last word
_NOT_ITS_FAULT = ("refused", "too_long")  # the endpoint works: it only did not take this prompt
_CHARS_PER_TOKEN = 10
_BYTES_PER_TOKEN = 4096  # an event carries one token and some hundreds of bytes around it


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds in all, seconds of silence (also before the first word), tries, and the length of the text in tokens."""

    seconds: float
    silence: float
    retries: int
    backoff: float
    max_tokens: int


class Stream:
    """The words of a model as they come. Nothing is sent before the first word is asked for.

    Iteration raises LanguageModelError. Words that go on past the limit are cut off: `finish_reason` is then `length`.
    """

    def __init__(
        self,
        send: Callable[[], Generator[bytes, None, None]],
        adapt: Callable[[str], bool],
        limits: Limits,
        prices: Prices,
        breaker: Breaker,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._send = send
        self._adapt = adapt
        self._limits = limits
        self._prices = prices
        self._breaker = breaker
        self._sleep = sleep
        self._words = self._run()
        self._start = self._end = self._first = 0.0
        self._alive = 0.0  # when the last sign of life came
        self._tokens = (0, 0)
        self.finish_reason: str | None = None

    @property
    def usage(self) -> Usage:
        """What it took so far; final once the words are."""
        end = self._end or time.monotonic()
        total = (end - self._start) * 1000 if self._start else 0.0
        first = (self._first - self._start) * 1000 if self._first else 0.0
        return Usage(*self._tokens, round(first, 1), round(total, 1), self._prices.cost(*self._tokens))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self._words)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the response; an endpoint that sees the connection close stops writing."""
        self._words.close()

    def _run(self) -> Generator[str, None, None]:
        if not self._breaker.enter():
            raise language_model_error("unavailable")
        self._start = time.monotonic()
        verdict = self._breaker.release
        try:
            with closing(self._tries()) as words:
                for text in words:
                    verdict = self._breaker.succeed
                    yield text
            verdict = self._breaker.succeed
        except LanguageModelError as error:
            verdict = self._breaker.succeed if error.reason in _NOT_ITS_FAULT else self._breaker.fail
            raise
        finally:
            self._end = time.monotonic()
            verdict()

    def _tries(self) -> Generator[str, None, None]:
        tried = 0
        while True:
            try:
                yield from self._read()
                return
            except WireError as fault:
                error = fault.as_error()
                if self._first:
                    raise error from None
                if not self._adapt(fault.said):
                    pause = self._pause(fault, tried)
                    if pause is None:
                        raise error from None
                    tried += 1
                    self._sleep(pause)

    def _pause(self, fault: WireError, tried: int) -> float | None:
        """How long to wait before another try, or None when there is none."""
        if not fault.retry or tried >= self._limits.retries:
            return None
        grown = min(_BACKOFF_CAP, self._limits.backoff * 2**tried) * random.uniform(0.5, 1.0)  # noqa: S311
        pause = max(grown, fault.wait or 0.0)
        return pause if time.monotonic() + pause < self._deadline else None

    def _read(self) -> Iterator[str]:
        self._alive = time.monotonic()
        room = self._limits.max_tokens * _CHARS_PER_TOKEN
        pump = Pump(self._send, 2**20 + self._limits.max_tokens * _BYTES_PER_TOKEN)
        try:
            for piece in pieces(self._chunks(pump)):
                self._note(piece)
                if piece.text:
                    yield piece.text[:room]
                    room -= len(piece.text)
                    self._alive = time.monotonic()  # the time that the reader took is no silence
                if room < 0:
                    self.finish_reason = "length"
                    return
            if self.finish_reason is None:
                raise WireError("cut_off", retry=True)
        except WireError:
            if self.finish_reason is None:  # what goes wrong after the last word does no harm
                raise
        finally:
            pump.abandon()

    def _chunks(self, pump: Pump) -> Iterator[bytes]:
        while True:
            silence = self._limits.silence if self.finish_reason is None else min(_FAREWELL, self._limits.silence)
            until = min(self._deadline, self._alive + silence)
            chunk = pump.get(until - time.monotonic())
            if chunk is None:
                return
            if chunk is CUT:
                self.finish_reason = "length"
                return
            yield chunk

    def _note(self, piece: Piece) -> None:
        if piece.text or piece.thinking:
            self._alive = time.monotonic()
        if piece.text and not self._first:
            self._first = self._alive
        self._tokens = piece.tokens or self._tokens
        self.finish_reason = piece.finish_reason or self.finish_reason

    @property
    def _deadline(self) -> float:
        return self._start + self._limits.seconds
