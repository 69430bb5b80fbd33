"""Traces for OpenTelemetry, when VERBIND_OTEL_ENDPOINT is set; the only importer of opentelemetry.

Without it, nothing of the library is imported. The provider is ours alone, not the process's: what other libraries
would trace is not sent, since it may hold texts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from verbind_bot import __version__
from verbind_bot.errors import SettingsError
from verbind_bot.settings import Settings
from verbind_bot.types import Answer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

Value = str | int | float | bool
_PATH = "/v1/traces"
_SEND_SECONDS, _FLUSH_MS = 5, 3000


class Tracing:
    """Makes spans and sends them to a collector."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("verbind-bot", __version__)

    @contextmanager
    def request(self, name: str, parent: Mapping[str, str]) -> Iterator[dict[str, Value]]:
        """A span around the work within, which fills in its attributes; `parent` holds a caller's `traceparent`."""
        from opentelemetry.trace import SpanKind, Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        noted: dict[str, Value] = {}
        above = TraceContextTextMapPropagator().extract(dict(parent)) if parent else None
        with self._tracer.start_as_current_span(
            name, above, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield noted
            finally:
                span.update_name(str(noted.pop("name", name)))
                span.set_attributes(noted)
                if int(noted.get("http.response.status_code", 0)) >= 500:
                    span.set_status(Status(StatusCode.ERROR))

    def answer(self, answer: Answer, channel: str) -> None:
        """A span for an answer that was just given, with one for each of its steps, from the times they took."""
        from opentelemetry.trace import set_span_in_context

        now, steps = time.time_ns(), dict(answer.timings_ms)
        at = now - int(steps.pop("total", 0.0) * 1e6)
        whole: Span = self._tracer.start_span("ask", start_time=at)
        whole.set_attribute("verbind.channel", channel)
        whole.set_attribute("verbind.mode", answer.mode)
        whole.set_attribute("verbind.status", answer.status.value)
        whole.set_attribute("verbind.citations", len(answer.citations))
        for step, milliseconds in steps.items():
            end = at + max(0, int(milliseconds * 1e6))
            self._tracer.start_span(step, set_span_in_context(whole), start_time=at).end(end)
            at = end
        whole.end(now)

    def stop(self) -> None:
        """Send what is left, within a few seconds."""
        self._provider.force_flush(_FLUSH_MS)
        self._provider.shutdown()


class _Process:
    tracing: Tracing | None = None


def tracing() -> Tracing | None:
    """The tracing of this process, or None when it is off."""
    return _Process.tracing


def start_tracing(settings: Settings) -> None:
    """Trace from now on, when a collector is set. Raises SettingsError when it is not a web address."""
    if not settings.otel_endpoint or _Process.tracing:
        return
    address = urlsplit(settings.otel_endpoint)
    if address.scheme not in ("http", "https") or not address.netloc:
        raise SettingsError(
            "VERBIND_OTEL_ENDPOINT is geen webadres. Begin met http:// of https://, bijvoorbeeld http://127.0.0.1:4318."
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    path = address.path if address.path.strip("/") else _PATH
    exporter = OTLPSpanExporter(address._replace(path=path).geturl(), timeout=_SEND_SECONDS)
    resource = Resource.create({"service.name": "verbind-bot", "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _Process.tracing = Tracing(provider)


def stop_tracing() -> None:
    """Send what is left and trace no more."""
    running, _Process.tracing = _Process.tracing, None
    if running:
        running.stop()
