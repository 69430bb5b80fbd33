"""A server as the thing that is measured: real HTTP, and a server that asks for a key and for patience."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from verbind_bot.errors import NotReadyError
from verbind_bot.evaluation.door import over_http

KEY = "sleutel"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    busy, wait, slow = 0, "0.05", 0.0  # refusals for being busy, their Retry-After, seconds that an answer takes

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((time.monotonic(), asked["question"], asked["conversation_id"]))
        time.sleep(self.server.slow)
        if self.headers.get("X-API-Key") != KEY:
            self.reply(401, {"detail": "Deze API vraagt een sleutel."})
        elif self.server.busy:
            self.server.busy -= 1
            self.reply(429, {"detail": "Te veel vragen."}, self.server.wait)
        else:
            answer = {"id": "a", "question": asked["question"], "status": "answered", "text": "Ja."}
            self.reply(200, {**answer, "conversation_id": "c"})

    def reply(self, status, body, wait=None):
        self.send_response(status)
        if wait:
            self.send_header("Retry-After", wait)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def test_the_history_is_asked_first_in_one_conversation(server):
    assert over_http(server.url, KEY)("En nu?", ["Wat?"]).text == "Ja."
    assert [asked[1:] for asked in server.asked] == [("Wat?", None), ("En nu?", "c")]


def test_a_server_that_asks_for_patience_gets_it(server):
    server.busy, server.wait = 2, "0.2"
    assert over_http(server.url, KEY)("Wat?", []).text == "Ja."
    first, second, third = (at for at, *_ in server.asked)
    assert second - first >= 0.2
    assert third - second >= 0.2


@pytest.mark.parametrize(("busy", "wait", "tries"), [(99, "0.01", 5), (1, "86400", 1), (1, None, 1)])
def test_patience_ends(server, busy, wait, tries):
    server.busy, server.wait = busy, wait
    with pytest.raises(NotReadyError, match="429"):
        over_http(server.url, KEY)("Wat?", [])
    assert len(server.asked) == tries


def test_a_server_with_a_key_refuses_who_lacks_it(server):
    with pytest.raises(NotReadyError, match="401"):
        over_http(server.url)("Wat?", [])


def test_an_answer_may_take_as_long_as_is_said(server):
    server.slow = 0.5
    with pytest.raises(NotReadyError, match="geen antwoord"):
        over_http(server.url, KEY, seconds=0.1)("Wat?", [])
    assert over_http(server.url, KEY, seconds=5)("Wat?", []).text == "Ja."
