"""What every request passes: its size, where it came from, how often it asks; and the headers of every response."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import Request, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from verbind_bot.channels.web.owners import Owners
from verbind_bot.flows.figures import MAX_BYTES

_ASKING = ("/api/ask", "/vraag")
_FILES = ("/figures", "/cijfers")
_DOOR, LOGINS_PER_MINUTE = "/beheer", 10
_MAX_BODY = 256 * 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Not "no-referrer": with that, browsers send `Origin: null` with a form of our own.
    "Referrer-Policy": "same-origin",
}
_HERE = frozenset({"127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Limit:
    """Counts what each client address sends, in memory; the addresses in `free` may send as much as they like."""

    def __init__(self, a_minute: int, free: Collection[str] = _HERE) -> None:
        self._item = RateLimitItemPerMinute(a_minute) if a_minute else None
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._free = free

    def wait(self, client: str) -> int:
        """Count one of this client; how many seconds it must wait first, 0 when it may go on."""
        # A program on this machine is its owner's; people behind a proxy have their own address.
        if self._item is None or client in self._free or self._limiter.hit(self._item, client):
            return 0
        window = self._limiter.get_window_stats(self._item, client)
        return max(1, math.ceil(window.reset_time - time.time()))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request must not go on."""

    status: int
    detail: str
    headers: dict[str, str] = field(default_factory=dict)


def refusal(request: Request) -> Refusal | None:
    """Why a request must not go on: it is too large, another site sent it, or this client asks too often."""
    path, posts = request.url.path, request.method not in _SAFE
    most = MAX_BYTES if path.endswith(_FILES) else _MAX_BODY
    if int(request.headers.get("content-length") or 0) > most:
        if most == MAX_BYTES:
            return Refusal(413, f"Je bestand is te groot. Kies een bestand tot {most // 1024**2} MB.")
        return Refusal(413, f"Je bericht is te groot. Er past {most // 1024} kB in.")
    if "chunked" in request.headers.get("transfer-encoding", "").lower():
        return Refusal(411, "Stuur mee hoe groot je bericht is (Content-Length).")
    if posts and not _from_here(request):
        return Refusal(403, "Dit formulier kwam van een andere site. Open de pagina hier en probeer het opnieuw.")
    if path.startswith("/api/") and not _may_use_api(request):
        return Refusal(401, "Deze API vraagt een sleutel. Stuur hem mee in de kop X-API-Key.")
    return _too_often(request, path) if posts else None


def _too_often(request: Request, path: str) -> Refusal | None:
    limit: Limit | None = None
    if path == "/" or path.endswith(_ASKING):
        limit, reason = request.app.state.questions, "Je stelt te veel vragen achter elkaar."
    elif path == _DOOR:
        limit, reason = request.app.state.logins, "Er is te vaak achter elkaar een token geprobeerd."
    if limit and (wait := limit.wait(request.client.host if request.client else "")):
        return Refusal(429, f"{reason} Wacht {wait} seconden en doe het dan opnieuw.", {"Retry-After": str(wait)})
    return None


def protect(request: Request, response: Response) -> None:
    """Add the headers that keep the browser safe; a route may have set a stricter one."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if "text/html" in response.headers.get("content-type", ""):
        response.headers.setdefault("Cache-Control", "private, no-cache")


def _may_use_api(request: Request) -> bool:
    """Whether no key is asked, the key is right, or a browser asks that a page of this site gave its cookie."""
    wanted: str | None = request.app.state.api_key
    given = request.headers.get("x-api-key", "")
    if wanted is None or hmac.compare_digest(given.encode(), wanted.encode()):
        return True
    # Not what the browser says of itself: any program can say that, and over plain HTTP browsers say nothing.
    parts = request.app.state.loader.now().loaded
    return parts is not None and Owners(parts.cookie_key).browser(request) is not None


def _from_here(request: Request) -> bool:
    """Whether a page of this site sent the request, or a program that is not a browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
