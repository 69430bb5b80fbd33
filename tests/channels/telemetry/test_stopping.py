"""A server that is told to stop finishes what it is saying, takes nothing new, and stops in time."""

from __future__ import annotations

import threading

import httpx
import pytest

pytestmark = pytest.mark.model
QUESTION = {"question": "wacht, wat is een korf?"}


def test_answers_under_way_are_finished_and_new_ones_refused(start_odd):
    server = start_odd()
    got: dict[str, str] = {}

    def ask(name: str, **headers: str) -> None:
        got[name] = httpx.post(f"{server.url}/api/ask", json=QUESTION, headers=headers, timeout=120).text

    threads = [
        threading.Thread(target=ask, args=("whole",)),
        threading.Thread(target=ask, args=("streamed",), kwargs={"Accept": "text/event-stream"}),
    ]
    for thread in threads:
        thread.start()
    server.until(lambda: len(list(server.folder.glob("wacht-*"))) == 2)
    server.process.terminate()
    server.until(lambda: refused(server.url))
    assert got == {}
    (server.folder / "ga-door").touch()
    for thread in threads:
        thread.join()
    server.process.wait(60)
    assert '"status":"answered"' in got["whole"].replace(" ", "")
    assert "event: answer" in got["streamed"]


def test_an_answer_that_never_comes_does_not_keep_it_from_stopping(start_odd):
    server = start_odd(VERBIND_SHUTDOWN_SECONDS="1")
    ended = []

    def ask() -> None:
        try:
            ended.append(httpx.post(f"{server.url}/api/ask", json=QUESTION, timeout=120).status_code)
        except httpx.TransportError as error:
            ended.append(type(error))

    thread = threading.Thread(target=ask)
    thread.start()
    server.until(lambda: list(server.folder.glob("wacht-*")))
    server.stop()
    thread.join()
    assert len(ended) == 1
    assert ended[0] != 200


def refused(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 503
    except httpx.TransportError:
        return True
