"""The process behind `verbind-bot mcp`: over standard input and output, or over HTTP on this machine."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from verbind_bot.channels.web.loading import Loader
from verbind_bot.errors import NotReadyError, SettingsError
from verbind_bot.parts import Parts
from verbind_bot.settings import Settings

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_POLL_SECONDS = 0.1


def place_of(http: str) -> tuple[str, int]:
    """The host and port of `--http`. Raises SettingsError for anything but a port of this machine."""
    try:
        address = urlsplit(f"//{http}")
        host, port = address.hostname or "127.0.0.1", address.port
    except ValueError:
        host, port = "", None
    if host not in _HERE or port is None:
        raise SettingsError(
            f"--http {http} kan niet. Geef een adres van deze machine met een poort, bijvoorbeeld 127.0.0.1:8001. "
            "Wie van elders komt, gaat via een proxy die om een sleutel vraagt (docs/deploy.md)."
        )
    return host, port


def loaded(loader: Loader) -> Parts:
    """The assistant, waited for while it is being loaded. Raises NotReadyError when loading failed."""
    while not loader.ready:
        if loader.failed:
            raise NotReadyError(f"De assistent kon niet starten. {loader.failed}")
        time.sleep(_POLL_SECONDS)
    return loader.parts()


def run(settings: Settings, loader: Loader, place: tuple[str, int] | None) -> None:
    """Serve until the client leaves, or over HTTP until SIGTERM. Standard output carries the protocol only."""
    from verbind_bot.channels.mcp_server import create_server, http_app
    from verbind_bot.channels.telemetry.lines import start_logging
    from verbind_bot.channels.telemetry.tracing import start_tracing, stop_tracing

    start_logging(settings, quiet=place is None)
    start_tracing(settings)
    loader.start()
    server = create_server(lambda: loaded(loader))
    try:
        if place is None:
            server.run()
        else:
            import uvicorn

            from verbind_bot.channels.web.access import Access
            from verbind_bot.channels.web.proxies import Proxies
            from verbind_bot.channels.web.serving import options

            app = Access(http_app(server, place[0]), Proxies(settings.trusted_proxies))
            uvicorn.run(app, **options(settings, *place))
    finally:
        stop_tracing()
