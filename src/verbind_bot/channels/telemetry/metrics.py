"""Figures for Prometheus, in a registry of their own; the only importer of prometheus_client.

No label takes a value that a visitor chooses: routes are templates, the rest are words of our own. With
PROMETHEUS_MULTIPROC_DIR set, the figures of all workers are added up.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from verbind_bot import __version__
from verbind_bot.types import Answer, Lookups

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_VERDICTS = frozenset({"up", "down"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Figures:
    """Every figure of this process; `figures()` gives the one that is served."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry = registry or CollectorRegistry()
        self._answers = Counter("verbind_answers", "Answers given", ["channel", "mode", "status"], registry=registry)
        self._steps = Histogram(
            "verbind_answer_seconds", "Time of each step of an answer", ["step"], buckets=_SECONDS, registry=registry
        )
        self._feedback = Counter(
            "verbind_feedback", "Verdicts of users on answers", ["channel", "verdict"], registry=registry
        )
        self._requests = Counter(
            "verbind_http_requests", "HTTP requests", ["route", "method", "status"], registry=registry
        )
        self._duration = Histogram(
            "verbind_http_request_seconds",
            "Time of a request until its last byte",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "verbind_http_requests_in_flight",
            "HTTP requests that are under way",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._tokens = Counter(
            "verbind_llm_tokens", "Tokens read and written by the language model", ["kind"], registry=registry
        )
        self._cost = Counter("verbind_llm_cost_euro", "What the language model cost", registry=registry)
        self._sentences = Counter(
            "verbind_llm_sentences", "Sentences of the language model", ["result"], registry=registry
        )
        self._fallbacks = Counter(
            "verbind_llm_fallbacks", "Answers for which its words were not used", registry=registry
        )
        self._cache = Counter(
            "verbind_cache", "Vectors that answers read: at hand or not", ["cache", "result"], registry=registry
        )
        self._counted = Lookups(), Lookups()
        self._ready = _gauge("verbind_ready", "Whether questions can be answered", registry)
        self._index = {
            "passages": _gauge("verbind_index_passages", "Passages in the index", registry),
            "vectors": _gauge("verbind_index_vectors", "Vectors in the index", registry),
            "built": _gauge("verbind_index_built_timestamp_seconds", "When the index was made", registry),
            "trouble": _gauge("verbind_index_trouble", "Whether the corpus is broken or the index is away", registry),
        }
        build = Gauge(
            "verbind_build_info",
            "The version that runs",
            ["version", "python"],
            multiprocess_mode="mostrecent",
            registry=registry,
        )
        build.labels(__version__, platform.python_version()).set(1)

    def answer(self, answer: Answer, channel: str) -> None:
        """Count an answer, the time of its steps, and what a language model did for it."""
        self._answers.labels(channel, answer.mode, answer.status.value).inc()
        for step, milliseconds in answer.timings_ms.items():
            self._steps.labels(step).observe(milliseconds / 1000)
        if (writing := answer.writing) is None:
            return
        self._tokens.labels("prompt").inc(writing.prompt_tokens)
        self._tokens.labels("completion").inc(writing.completion_tokens)
        self._cost.inc(writing.cost)
        self._sentences.labels("kept").inc(writing.kept)
        self._sentences.labels("dropped").inc(len(writing.dropped))
        if writing.fallback:
            self._fallbacks.inc()

    def verdict(self, verdict: str, channel: str) -> None:
        """Count what a user thought of an answer."""
        self._feedback.labels(channel, verdict if verdict in _VERDICTS else "other").inc()

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that has ended; `route` is a template, not a path."""
        self._requests.labels(route, method if method in _METHODS else "other", str(status)).inc()
        self._duration.labels(route).observe(seconds)

    def lookups(self, lookups: Lookups) -> None:
        """Count what an index looked up since the last time; another index starts anew."""
        before = self._counted[1] if self._counted[0] is lookups else Lookups()
        now = replace(lookups)
        self._counted = lookups, now
        self._cache.labels("vectors", "hit").inc(now.hits - before.hits)
        self._cache.labels("vectors", "miss").inc(now.misses - before.misses)

    def index(self, figures: Mapping[str, float]) -> None:
        """Note the size of the index and when it was made; nothing is known while it is being loaded."""
        self._ready.set(bool(figures))
        for name, value in figures.items():
            self._index[name].set(value)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Every figure in the format that was asked for, with its content type."""
        registry = self.registry
        if os.environ.get(MULTIPROCESS):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type


@cache
def figures() -> Figures:
    """The figures of this process."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    return Figures()


def leave() -> None:
    """Take this worker's present out of the sums; what it counted stays in."""
    if os.environ.get(MULTIPROCESS):
        mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]


def _gauge(name: str, text: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, text, multiprocess_mode="mostrecent", registry=registry)
