"""Many users at once for a while against several workers: `make bench-load`, figures in docs/scale.md.

Starts a Chroma server and `verbind-bot serve --workers N` over it, unless `--url` says what runs already. Every user
has a connection, asks, waits for the answer and asks again. Passes when no answer fails and the 95th percentile is at
most three times that of a lone user for each request in flight per core.
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

ALONE, ALLOWED, READY = 60, 3, 40
_WARM_SECONDS, _READY_SECONDS = 5, 1800


def start(count: int, folder: Path, port: int) -> tuple[list[subprocess.Popen[bytes]], str]:
    """Start Chroma and so many workers over it; returns the processes and the address, once all of them are ready."""
    folder.mkdir(parents=True, exist_ok=True)
    programs = Path(sys.executable).parent
    given = {
        "VERBIND_DATA_DIR": str(folder / "data"),
        "VERBIND_CHROMA_URL": f"http://127.0.0.1:{port + 1}",
        "VERBIND_PORT": str(port),
    }
    commands = [
        [programs / "chroma", "run", "--path", folder / "chroma", "--host", "127.0.0.1", "--port", str(port + 1)],
        [programs / "verbind-bot", "serve", "--workers", str(count)],
    ]
    started = []
    for command, name in zip(commands, ("chroma", "serve"), strict=True):
        with (folder / f"{name}.log").open("wb") as log:
            started.append(subprocess.Popen(command, env={**os.environ, **given}, stdout=log, stderr=log))
    try:
        _wait_until_ready(started[-1], f"http://127.0.0.1:{port}")
    except BaseException:
        stop(started)
        raise
    return started, f"http://127.0.0.1:{port}"


def stop(started: list[subprocess.Popen[bytes]]) -> None:
    """End what was started, the last first."""
    for process in reversed(started):
        process.terminate()
        process.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    """Wait for as many good answers in a row as say that every worker is ready: a new connection each."""
    end, good = time.monotonic() + _READY_SECONDS, 0
    while good < READY and time.monotonic() < end and server.poll() is None:
        try:
            good = good + 1 if httpx.get(f"{url}/readyz", timeout=5).status_code == 200 else 0
        except httpx.TransportError:
            good = 0
        time.sleep(0.05 if good else 0.5)
    if good < READY:
        raise SystemExit(f"the workers at {url} did not get ready")


async def ask(client: httpx.AsyncClient, url: str, question: str) -> tuple[float, str]:
    """Ask one question; returns the milliseconds that it took and how it went ('ok', or what was wrong)."""
    started = time.perf_counter()
    try:
        response = await client.post(f"{url}/api/ask", json={"question": question})
        outcome = "ok" if response.status_code == 200 and response.json()["text"] else str(response.status_code)
    except httpx.HTTPError as error:
        outcome = type(error).__name__
    return (time.perf_counter() - started) * 1000, outcome


async def storm(url: str, users: int, seconds: float) -> list[tuple[float, str]]:
    """Let `users` ask without pause for so many seconds."""
    found, end = [], time.monotonic() + seconds

    async def user(first: int) -> None:
        async with httpx.AsyncClient(timeout=120) as client:
            for n in itertools.count(first):
                if time.monotonic() >= end:
                    return
                found.append(await ask(client, url, QUESTIONS[n % len(QUESTIONS)]))

    await asyncio.gather(*(user(n) for n in range(users)))
    return found


async def alone(url: str) -> list[tuple[float, str]]:
    """One user, whose every question may come to another worker."""
    found = []
    for n in range(ALONE):
        async with httpx.AsyncClient(timeout=120) as client:
            await client.get(f"{url}/healthz")
            found.append(await ask(client, url, QUESTIONS[n % len(QUESTIONS)]))
    return found


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
    parser.add_argument("--url", help="the address of workers that run already")
    given = parser.parse_args()
    started, url = ([], given.url) if given.url else start(given.workers, given.folder, given.port)
    try:
        print(f"load average of the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        asyncio.run(storm(url, given.users, _WARM_SECONDS))
        before = asyncio.run(alone(url))
        during = asyncio.run(storm(url, given.users, given.seconds))
        after = asyncio.run(alone(url))
    finally:
        stop(started)
    sys.exit(0 if report(before + after, during, given.users, given.seconds) else 1)


if __name__ == "__main__":
    main()
