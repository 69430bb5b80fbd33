"""`/metrics`: the figures of this server, for whoever watches over it."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from verbind_bot.channels.telemetry.metrics import figures
from verbind_bot.channels.web.admin import Configured
from verbind_bot.channels.web.api import Loading
from verbind_bot.channels.web.loading import Stand
from verbind_bot.channels.web.proxies import HERE, Proxies, is_direct, peer_of
from verbind_bot.channels.web.waiting import in_thread
from verbind_bot.settings import Settings

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, stand: Loading, settings: Configured) -> Response:
    """Figures in the format of Prometheus; for this machine, a trusted proxy itself, or who has the admin token."""
    if not _may_see(request, settings):
        raise HTTPException(
            401,
            "Deze cijfers zijn voor de beheerder. Vraag ze op vanaf de server zelf, of stuur VERBIND_ADMIN_TOKEN mee: "
            "'Authorization: Bearer …'.",
            {"WWW-Authenticate": "Bearer"},
        )
    counted = figures()
    counted.index(await in_thread(request, lambda: _index(stand)))
    body, content_type = counted.exposition(request.headers.get("accept", ""))
    return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


def _may_see(request: Request, settings: Settings) -> bool:
    peer, given = peer_of(request), request.headers.get("authorization", "")
    # A visitor behind a proxy on this machine comes from this machine too: only the forwarding header tells.
    if is_direct(request) and (peer in HERE or peer in Proxies(settings.trusted_proxies)):
        return True
    wanted = f"Bearer {settings.admin_token}" if settings.admin_token else ""
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _index(stand: Stand) -> dict[str, float]:
    """The size and the age of the index; nothing while there is none to answer from."""
    if (parts := stand.loaded) is None:
        return {}
    release = parts.index.release
    return {
        "passages": len(parts.corpus.passages),
        "vectors": release.vectors if release else parts.index.vectors.count(),
        "built": release.made.timestamp() if release else 0,
        "trouble": bool(stand.problem or stand.away),
    }
