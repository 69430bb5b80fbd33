"""The real web server over the tiny corpus, with an assistant that can be made to fail or to wait.

`python -m tests.channels.telemetry.odd_server FOLDER`: a question with "ontplof" raises an error that quotes it, one
with "wacht" waits for the file `FOLDER/ga-door`; a file `FOLDER/wacht-…` says that it does.
"""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path

from verbind_bot.bootstrap import build
from verbind_bot.channels.web import serving
from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import load_settings

FOLDER = Path(sys.argv[1])


def main() -> None:
    settings = load_settings()

    def odd(progress):
        parts = build(settings, progress)
        ask = parts.assistant.ask

        def strange(question, *args, **kwargs):
            if "ontplof" in question:
                raise RuntimeError(f"kan niet antwoorden op {question}")
            if "wacht" in question:
                (FOLDER / f"wacht-{uuid.uuid4().hex}").touch()
                while not (FOLDER / "ga-door").exists():
                    time.sleep(0.02)
            return ask(question, *args, **kwargs)

        parts.assistant.ask = strange
        return parts

    serving.serve(settings, settings.host, settings.port, create_app(settings, Loader(odd)))


main()
