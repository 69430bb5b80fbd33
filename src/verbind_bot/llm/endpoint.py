"""A language model behind an OpenAI-compatible endpoint; the only importer of openai."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from verbind_bot.llm.breaker import Breaker
from verbind_bot.llm.dialect import Dialect
from verbind_bot.llm.faults import WireError, judge, retry_after
from verbind_bot.llm.stream import Limits, Stream
from verbind_bot.llm.types import Message, Prices

if TYPE_CHECKING:
    from openai import OpenAI

_CONNECT_SECONDS = 10.0
_HEADERS = {"host", "connection", "content-type", "content-length", "accept", "accept-encoding", "user-agent"}
_LOGGERS = ("openai", "httpx2", "httpcore2")


class Endpoint:
    """One model at one endpoint; safe to use from several threads.

    Times are in seconds. `first_token_timeout` also bounds every later silence; `timeout` bounds a completion with its
    second tries. The key is in no error, log or `repr`.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        timeout: float = 60.0,
        first_token_timeout: float = 20.0,
        max_tokens: int = 800,
        retries: int = 2,
        prices: Prices | None = None,
        breaker: Breaker | None = None,
        backoff: float = 0.5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url
        self.model = model
        self.breaker = breaker or Breaker()
        self._limits = Limits(timeout, first_token_timeout, retries, backoff, max_tokens)
        self._prices = prices or Prices()
        self._sleep = sleep
        self._client = _client(base_url, api_key, first_token_timeout)
        self._dialect = Dialect()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Endpoint({self.model!r})"

    def stream(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None, max_tokens: int | None = None
    ) -> Stream:
        """The words of the model, as JSON of `schema` where the endpoint can be held to it.

        Sends nothing by itself: iterating does, and raises LanguageModelError.
        """
        limits = self._limits if max_tokens is None else _with_tokens(self._limits, max_tokens)
        seen = [self._dialect]  # the dialect of the last request, for another thread may change it meanwhile

        def send() -> Generator[bytes, None, None]:
            seen[0] = self._dialect
            return self._send(messages, seen[0].parameters(schema, limits.max_tokens))

        adapt = partial(self._adapt, seen)
        return Stream(send, adapt, limits, self._prices, self.breaker, self._sleep)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    def _adapt(self, seen: list[Dialect], said: str) -> bool:
        """Remember that the endpoint does not take a parameter; whether that is worth another request."""
        smaller = seen[0].without(said) if said else None
        if smaller is None:
            return False
        with self._lock:
            self._dialect = smaller
        return True

    def _send(self, messages: Sequence[Message], parameters: Mapping[str, Any]) -> Generator[bytes, None, None]:
        """The bytes of the response. Raises WireError."""
        import httpx2
        import openai

        create: Any = self._client.chat.completions.create
        try:
            with create(model=self.model, messages=[asdict(m) for m in messages], **parameters) as opened:
                yield from opened.response.iter_bytes()  # its events are read by us, within our limits
        except openai.APIStatusError as error:
            raise judge(error.status_code, error.body, retry_after(error.response.headers)) from None
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise WireError("timeout") from None
        except httpx2.TransportError:
            raise WireError("cut_off", retry=True) from None
        except (openai.OpenAIError, httpx2.HTTPError):
            raise WireError("unavailable", retry=True) from None
        except (ValueError, httpx2.InvalidURL):  # a key or an address that cannot be sent; the error would repeat it
            raise WireError("misconfigured") from None


def _with_tokens(limits: Limits, max_tokens: int) -> Limits:
    return Limits(limits.seconds, limits.silence, limits.retries, limits.backoff, max_tokens)


def _client(base_url: str, api_key: str | None, silence: float) -> OpenAI:
    """A client that sends to this address alone, and no more than it needs, whatever the environment has for openai."""
    import openai

    for name in _LOGGERS:  # at DEBUG and INFO they write whole requests and addresses
        logging.getLogger(name).setLevel(logging.WARNING)
    key = (api_key or "").strip()
    kept = _HEADERS | ({"authorization"} if key else set())

    def strip(request: Any) -> None:
        """Leave out what tells about this machine, and what OPENAI_* variables add."""
        for name in set(request.headers) - kept:
            del request.headers[name]

    timeout = openai.Timeout(silence, connect=min(silence, _CONNECT_SECONDS))
    return openai.OpenAI(
        base_url=base_url,
        api_key=key or "none",
        max_retries=0,
        timeout=timeout,
        default_headers={
            "Authorization": f"Bearer {key}",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "User-Agent": "verbind-bot",
        },
        http_client=openai.DefaultHttpxClient(
            follow_redirects=False, timeout=timeout, event_hooks={"request": [strip]}
        ),
    )
