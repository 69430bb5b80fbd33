"""Real server processes, and what they wrote to their log."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.conftest import ROOT, write_small_corpus


@dataclass
class Running:
    """A server process; `folder` holds its data, its log and its signs."""

    process: subprocess.Popen
    folder: Path
    url: str

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log().splitlines()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def until(self, ready) -> None:
        """Wait until `ready()`; a minute is enough for a slow machine."""
        for _ in range(1200):
            assert self.process.poll() is None, self.log()
            if ready():
                return
            time.sleep(0.05)
        raise AssertionError(self.log())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def bot_environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a process of ours over the tiny corpus."""
    if not (folder / "corpus").exists():
        write_small_corpus(folder / "corpus")
    own = {"VERBIND_DATA_DIR": str(folder / "data"), "VERBIND_CORPUS_DIR": str(folder / "corpus"), **settings}
    return {**{k: v for k, v in os.environ.items() if not k.startswith("VERBIND_")}, **own}


@pytest.fixture(scope="session")
def start_odd(tmp_path_factory):
    """Start the odd server with these settings and wait until it can answer."""
    started = []

    def start(**settings: str) -> Running:
        folder, port = tmp_path_factory.mktemp("odd"), free_port()
        env = bot_environment(folder, VERBIND_PORT=str(port), VERBIND_LOG_FORMAT="json", **settings)
        command = [sys.executable, "-m", "tests.channels.telemetry.odd_server", str(folder)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        running = Running(process, folder, f"http://127.0.0.1:{port}")
        started.append(running)
        running.until(lambda: _ready(running.url))
        return running

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait(30)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False
