"""Whose intake it is on the web: the browser's signed cookie, or the token that creation returned."""

from __future__ import annotations

import re
import secrets

from fastapi import Request, Response

from verbind_bot.channels.web.sealing import opened, sealed

COOKIE = "verbind_eigenaar"
_YEAR = 365 * 24 * 3600
_BEARER = re.compile(r"^Bearer\s+([A-Za-z0-9_-]{20,128})$", re.IGNORECASE)


def cookie_key(value: str) -> str:
    """The key of an intake that belongs to a browser."""
    return f"cookie:{value}"


def token_key(token: str) -> str:
    """The key of an intake that belongs to whoever has the token."""
    return f"token:{token}"


class Owners:
    """Reads and writes the signed cookie, and reads the bearer token."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def keys(self, request: Request) -> tuple[str, ...]:
        """Every key that this request shows; a cookie with a wrong signature counts for nothing."""
        found = []
        if browser := self.browser(request):
            found.append(cookie_key(browser))
        if match := _BEARER.match(request.headers.get("authorization", "")):
            found.append(token_key(match.group(1)))
        return tuple(found)

    def browser(self, request: Request) -> str | None:
        """The browser's id, when its cookie is genuine."""
        return opened(self._secret, COOKIE, request.cookies.get(COOKIE, ""))

    def remember(self, request: Request, response: Response) -> str:
        """The browser's id; a browser without one gets it in a cookie that scripts cannot read."""
        known = self.browser(request)
        browser = known or secrets.token_urlsafe(24)
        if not known:
            signed = sealed(self._secret, COOKIE, browser)
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, signed, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
        return browser
