"""The real server over the real corpus, and a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.parts import Parts
from verbind_bot.settings import Settings

ADMIN = "token-voor-de-test"
CHROMIUM = Path("/usr/bin/chromium")


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
