"""The maintainer's page: what could not be answered, what people thought of it, use, the index, the last evaluation."""

from __future__ import annotations

import hmac
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from verbind_bot.channels.web.api import Loading
from verbind_bot.channels.web.history import Loaded
from verbind_bot.channels.web.interface import templates, words_of
from verbind_bot.channels.web.proxies import Proxies, peer_of
from verbind_bot.channels.web.sealing import opened, sealed
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.settings import Settings

if TYPE_CHECKING:
    from verbind_bot.index.releases import Release

router = APIRouter(include_in_schema=False, prefix="/beheer")
_COOKIE, _HOURS = "verbind_beheer", 8
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


def settings_of(request: Request) -> Settings:
    """The settings of this server."""
    settings: Settings = request.app.state.settings
    return settings


Configured = Annotated[Settings, Depends(settings_of)]


def is_admin(request: Request, loader: Loading, settings: Configured) -> bool:
    """Whether the cookie of a right token, or the header of a trusted proxy, says so."""
    header = settings.admin_header
    if header and peer_of(request) in Proxies(settings.trusted_proxies) and request.headers.get(header):
        return True
    if not settings.admin_token or not loader.ready:
        return False
    kept = opened(loader.parts().cookie_key, _COOKIE, request.cookies.get(_COOKIE, ""), _HOURS * 3600)
    return kept is not None and hmac.compare_digest(kept.encode(), settings.admin_token.encode())


Admin = Annotated[bool, Depends(is_admin)]


@router.get("", response_class=HTMLResponse)
async def overview(request: Request, loader: Loading, admin: Admin, settings: Configured) -> HTMLResponse:
    """The page, or the question for the token; without a token set there is no such page."""
    if not admin:
        return _door(request, settings)
    parts = loader.parts()
    values = await in_thread(request, lambda: _figures(parts, settings))
    return _page(request, {**values, "melding": loader.away or loader.problem})


@router.post("", response_class=HTMLResponse)
async def enter(
    request: Request, parts: Loaded, settings: Configured, token: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Let in whoever has the token, for eight hours."""
    wanted = settings.admin_token or ""
    if not wanted or not hmac.compare_digest(token.encode(), wanted.encode()):
        return _door(request, settings, words_of(request).admin_wrong, 403)
    response = RedirectResponse("/beheer", 303)
    seal, secure = sealed(parts.cookie_key, _COOKIE, token), request.url.scheme == "https"
    response.set_cookie(_COOKIE, seal, _HOURS * 3600, path="/beheer", httponly=True, samesite="strict", secure=secure)
    return response


@router.post("/uit")
async def leave() -> Response:
    """Forget that this browser was let in."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(_COOKIE, path="/beheer")
    return response


@router.get("/meting", response_class=HTMLResponse)
async def last_report(admin: Admin, settings: Configured) -> HTMLResponse:
    """The report of the last evaluation on this machine."""
    found = _last_report(settings.data_dir)
    if not admin or found is None:
        raise HTTPException(404)
    return HTMLResponse(found.read_text(encoding="utf-8"), headers={"Content-Security-Policy": _REPORT_POLICY})


def _door(request: Request, settings: Settings, fault: str = "", status: int = 401) -> HTMLResponse:
    if not settings.admin_token:
        raise HTTPException(404)
    return templates.TemplateResponse(request, "beheer_in.html", {"fout": fault}, status)


def _page(request: Request, values: dict[str, Any]) -> HTMLResponse:
    response = templates.TemplateResponse(request, "beheer.html", values)
    response.headers["Cache-Control"] = "no-store"
    return response


def _figures(parts: Any, settings: Settings) -> dict[str, Any]:
    archive = parts.assistant.archive
    days, judged = archive.per_day(), archive.judged()
    most = max((n for _, n in days), default=1)
    return {
        "zonder": archive.unanswered(50),
        "oordelen": [(f, archive.get(f.answer_id)) for f in judged[:50]],
        "stand": Counter(f.verdict for f in judged),
        "dagen": [(day, n, round(10 * n / most)) for day, n in days[-30:]],
        "index": {
            "passages": len(parts.corpus.passages),
            "vectors": parts.index.vectors.count(),
            "model": parts.index.embedder.name,
            "corpus": parts.corpus.hash[:12],
            **_release(parts.index.release),
        },
        "vast": parts.index.pinned,
        "bewaard": settings.history_days,
        "meting": _last_report(settings.data_dir) is not None,
    }


def _release(release: Release | None) -> dict[str, str]:
    return {"made": f"{release.made.astimezone():%d-%m-%Y %H:%M}"} if release else {}


def _last_report(data_dir: Path) -> Path | None:
    return max(data_dir.glob("runs/*/report.html"), default=None)
