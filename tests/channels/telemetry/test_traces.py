"""Traces: sent to a real collector's address when one is set, without texts; otherwise nothing is loaded."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from verbind_bot.channels.telemetry import tracing
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.errors import SettingsError
from verbind_bot.settings import Settings

OFF = """
import sys
from fastapi.testclient import TestClient
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

class Never(Loader):
    def start(self): ...

with TestClient(create_app(Settings(_env_file=None), Never(lambda progress: None))) as client:
    assert client.get("/healthz").status_code == 200
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))])
"""


@pytest.fixture
def collector():
    """A server that keeps the bodies that are sent to it, and its address."""
    received: list[bytes] = []

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.end_headers()

        def log_message(self, *_): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield received, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def spans_of(received: list[bytes]) -> list:
    found = []
    for body in received:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                found += scope.spans
    return found


@pytest.mark.model
def test_a_request_its_answer_and_its_steps_are_one_trace_without_texts(collector, small_parts, tmp_path):
    received, address = collector
    loader = Loader(lambda progress: small_parts)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path, otel_endpoint=address), loader)
    above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with TestClient(app, client=("127.0.0.1", 1), raise_server_exceptions=False) as client:
        while not loader.ready:
            assert loader.failed is None
        question = {"question": "Waar wonen de zeldzaamwoordbijen van Jansen?"}
        client.post("/api/ask?x=zeldzaamwoord", json=question, headers={"traceparent": above})
        client.get("/zeldzaamwoord")
    assert tracing.tracing() is None  # the server stopped, and has sent everything
    spans = {span.name: span for span in spans_of(received)}
    assert set(spans) == {"POST /api/ask", "ask", "embed", "retrieve", "compose", "GET -"}
    request, ask = spans["POST /api/ask"], spans["ask"]
    assert request.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert request.parent_span_id.hex() == "b7ad6b7169203331"
    assert ask.parent_span_id == request.span_id
    assert {spans[step].parent_span_id for step in ("embed", "retrieve", "compose")} == {ask.span_id}
    assert ask.start_time_unix_nano <= spans["embed"].start_time_unix_nano < spans["compose"].end_time_unix_nano
    attributes = {a.key: a.value for a in request.attributes}
    assert attributes["http.response.status_code"].int_value == 200
    assert {a.key: a.value.string_value for a in ask.attributes}["verbind.status"] == "answered"
    assert b"zeldzaamwoord" not in b"".join(received)


def test_without_a_collector_nothing_of_it_is_loaded():
    done = subprocess.run([sys.executable, "-c", OFF], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_address_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="VERBIND_OTEL_ENDPOINT"):
        tracing.start_tracing(Settings(_env_file=None, otel_endpoint="collector:4318"))
    assert tracing.tracing() is None


@pytest.mark.model
def test_the_vector_store_and_the_model_hub_send_no_usage_figures(small_parts):
    assert small_parts.index.client.get_settings().anonymized_telemetry is False
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
