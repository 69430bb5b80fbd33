"""The real server over the real corpus, and a real browser."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from tests.conftest import ROOT

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.parts import Parts
from verbind_bot.settings import Settings

ADMIN = "token-voor-de-test"
CHROMIUM = Path("/usr/bin/chromium")
SERVE = "from verbind_bot.channels.cli import main; main()"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self.listens.set()


@pytest.fixture(scope="session")
def server(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that can answer, on a free port."""
    loader = Loader(lambda progress: parts)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("e2e"), admin_token=ADMIN), loader)
    running = _Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    assert running.listens.wait(60), "the server did not start"
    loader._thread.join()
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Real Chromium; every test opens a context of its own in it."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: install Debian's package chromium for the browser tests")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Process:
    """A server of its own, on the index that the tests share and a database of its own."""

    def __init__(self, database):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "VERBIND_DATA_DIR": str(ROOT / ".data" / "tests"),
            "VERBIND_DATABASE_URL": f"sqlite:///{database}",
        }

    def start(self):
        command = [sys.executable, "-c", SERVE, "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(command, env=self._environment, stderr=subprocess.DEVNULL)
        for _ in range(1800):
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        pytest.fail("the server did not start")

    def kill(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def process(parts, tmp_path):
    found = Process(tmp_path / "verbind.db")
    found.start()
    yield found
    found.kill()
