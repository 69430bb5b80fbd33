"""Many users at once for a while against several workers: `python -m tests.bench.load`, figures in docs/scale.md.

Starts the workers itself, each with a data folder of its own, unless `--url` says where they are. Every user asks,
waits for the answer and asks again. Passes when no answer fails and the 95th percentile is at most three times that
of a lone user for each request in flight per core.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
from tests.bench.test_speed import QUESTIONS

ALONE, ALLOWED = 40, 3
_READY_SECONDS = 600


def start(count: int, folder: Path, port: int) -> tuple[list[subprocess.Popen[bytes]], list[str]]:
    """Start so many workers, one after the other, and return them with their addresses once they are ready."""
    workers, urls = [], []
    for n in range(count):
        given = {"VERBIND_DATA_DIR": str(folder / f"worker-{n}"), "VERBIND_PORT": str(port + n)}
        binary = Path(sys.executable).with_name("verbind-bot")
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"worker-{n}.log").open("wb") as log:
            workers.append(subprocess.Popen([binary, "serve"], env={**os.environ, **given}, stdout=log, stderr=log))
        urls.append(f"http://127.0.0.1:{port + n}")
    for worker, url in zip(workers, urls, strict=True):
        _wait_until_ready(worker, url)
    return workers, urls


def _wait_until_ready(worker: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end and worker.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"the worker at {url} did not get ready")


async def ask(client: httpx.AsyncClient, url: str, question: str) -> tuple[float, str]:
    """Ask one question; returns the milliseconds that it took and how it went ('ok', or what was wrong)."""
    started = time.perf_counter()
    try:
        response = await client.post(f"{url}/api/ask", json={"question": question})
        outcome = "ok" if response.status_code == 200 and response.json()["text"] else str(response.status_code)
    except httpx.HTTPError as error:
        outcome = type(error).__name__
    return (time.perf_counter() - started) * 1000, outcome


async def storm(urls: list[str], users: int, seconds: float) -> list[tuple[float, str]]:
    """Let `users` ask without pause for so many seconds, the workers in turn."""
    turn, found, end = itertools.count(), [], time.monotonic() + seconds

    async def user(first: int) -> None:
        async with httpx.AsyncClient(timeout=120) as client:
            for n in itertools.count(first):
                if time.monotonic() >= end:
                    return
                found.append(await ask(client, urls[next(turn) % len(urls)], QUESTIONS[n % len(QUESTIONS)]))

    await asyncio.gather(*(user(n) for n in range(users)))
    return found


async def alone(urls: list[str]) -> list[tuple[float, str]]:
    """One user; the first questions only warm up."""
    async with httpx.AsyncClient(timeout=120) as client:
        found = [await ask(client, urls[n % len(urls)], QUESTIONS[n % len(QUESTIONS)]) for n in range(2 * ALONE)]
    return found[ALONE:]


def report(before: list[tuple[float, str]], during: list[tuple[float, str]], users: int, seconds: float) -> bool:
    """Print the figures; returns whether they are good enough."""
    lone, loaded = (float(np.quantile([ms for ms, _ in rows], 0.95)) for rows in (before, during))
    per_core = users / (os.cpu_count() or 1)
    outcomes = Counter(outcome for _, outcome in during)
    ratio = loaded / (lone * per_core)
    print(f"alone: p50 {np.median([ms for ms, _ in before]):.0f} ms, p95 {lone:.0f} ms")
    print(f"{users} users: p50 {np.median([ms for ms, _ in during]):.0f} ms, p95 {loaded:.0f} ms, ", end="")
    print(f"{len(during) / seconds:.1f} answers a second, outcomes {dict(outcomes)}")
    print(f"p95 / (p95 alone x {per_core:.0f} requests in flight per core) = {ratio:.2f} (allowed {ALLOWED})")
    return set(outcomes) == {"ok"} and ratio <= ALLOWED


def main() -> None:
    """Run, report, and exit with 1 when it is not good enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=8771)
    parser.add_argument("--folder", type=Path, default=Path(".data/bench-load"))
    parser.add_argument("--url", action="append", help="a worker that runs already; may be given more than once")
    given = parser.parse_args()
    workers, urls = ([], given.url) if given.url else start(given.workers, given.folder, given.port)
    try:
        before = asyncio.run(alone(urls))
        during = asyncio.run(storm(urls, given.users, given.seconds))
    finally:
        for worker in workers:
            worker.terminate()
    sys.exit(0 if report(before, during, given.users, given.seconds) else 1)


if __name__ == "__main__":
    main()
