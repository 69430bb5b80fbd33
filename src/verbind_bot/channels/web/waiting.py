"""Synchronous work, done without keeping other requests waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

T = TypeVar("T")


async def in_thread(request: Request, work: Callable[[], T]) -> T:
    """Run synchronous work in the server's bounded pool of threads."""
    limiter: CapacityLimiter = request.app.state.limiter
    return await to_thread.run_sync(work, limiter=limiter)
